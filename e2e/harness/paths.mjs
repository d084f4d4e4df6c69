/** Where things are. */
import { accessSync, constants } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ARTEFACTS = fileURLToPath(new URL("../artefacts", import.meta.url));

/** Which of the files beside this folder is run, each with a world of its own. */
export const WORLD = path.basename(process.argv[1] ?? "", ".test.mjs");

/** @param {string} name */
function programOf(name) {
  const file = process.env[name];
  if (!file) throw new Error(`${name} must be the path of a program; \`make e2e\` builds both and sets it`);
  accessSync(file, constants.X_OK);
  return path.resolve(file);
}

export const serverProgram = () => programOf("GURURMM_E2E_SERVER");
export const agentProgram = () => programOf("GURURMM_E2E_AGENT");
export const simulatorProgram = () => programOf("GURURMM_E2E_SIMULATOR");

/** The browser of the system: nothing is downloaded. */
export function chromium() {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  for (const name of names) {
    for (const folder of folders) {
      const file = path.join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here; the next folder.
      }
    }
  }
  throw new Error(`no browser: install Debian's package chromium, or another of ${names.join(", ")}`);
}
