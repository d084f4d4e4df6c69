/** Files through which a test and a command of the shell wait for each other. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { makeFolder } from "./folders.mjs";

export function gates() {
  const folder = makeFolder("gates");
  /** @type {Set<string>} */
  const awaited = new Set();
  const file = (/** @type {string} */ name) => path.join(folder, name);
  const open = (/** @type {string} */ name) => writeFile(file(name), "");
  return {
    path: file,
    open,
    isOpen: (/** @type {string} */ name) => existsSync(file(name)),
    /** For the shell: waits until the test opens this. */
    wait: (/** @type {string} */ name) => {
      awaited.add(name);
      return `until [ -e ${file(name)} ]; do sleep 0.05; done`;
    },
    /** For the shell: opens this for the test. */
    mark: (/** @type {string} */ name) => `: > ${file(name)}`,
    /** Leaves no command waiting for a test that has failed. */
    openAll: () => Promise.all([...awaited].map(open)),
  };
}
