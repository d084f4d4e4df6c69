/** Temporary folders of a run; all of them go with it. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** @type {Set<string>} */
const made = new Set();

/** @param {string} purpose part of the name */
export function makeFolder(purpose) {
  const folder = mkdtempSync(path.join(os.tmpdir(), `gururmm-e2e-${purpose}-`));
  made.add(folder);
  return folder;
}

export function removeFolders() {
  for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  made.clear();
}
