/** The line that the dashboard shows, run as it stands, with a root of its own instead of this machine's. */
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { TestAgent } from "./agent.mjs";
import { makeFolder } from "./folders.mjs";
import { start } from "./processes.mjs";

/** Nobody is asked for a password, and the installer puts its files below GURURMM_ROOT. */
const SUDO = '#!/bin/sh\nexec env GURURMM_ROOT="$E2E_ROOT" "$@"\n';

/**
 * Pastes a line into a shell.
 * @param {string} name names the log @param {string} line
 */
export async function pasteInstallLine(name, line) {
  const [root, programs] = [makeFolder("root"), makeFolder("programs")];
  const sudo = path.join(programs, "sudo");
  await writeFile(sudo, SUDO);
  await chmod(sudo, 0o755);
  const shell = start(name, "sh", ["-c", line], {
    env: { E2E_ROOT: root, PATH: `${programs}:${process.env.PATH}` },
  });
  const exit = await shell.ended;
  return {
    exit,
    output: shell.output(),
    root,
    program: path.join(root, "usr/local/bin/gururmm-agent"),
    unit: path.join(root, "etc/systemd/system/gururmm-agent.service"),
    /** The agent that was installed. @param {string} name */
    agent(name) {
      return new TestAgent(name, { program: this.program, folder: path.join(root, "var/lib/gururmm") });
    },
  };
}

/** The files below `folder` that hold `text`. @param {string} folder @param {string} text */
export async function filesWith(folder, text) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const found = await Promise.all(files.map(async (file) => (await readFile(file)).includes(text)));
  return files.filter((_, index) => found[index]);
}
