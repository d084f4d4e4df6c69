/** The agent under test: the real program, with this very machine under it. */
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { agentProgram } from "./paths.mjs";
import { start } from "./processes.mjs";

/** An agent with a state folder of its own. */
export class TestAgent {
  #run = /** @type {import("./processes.mjs").Running | undefined} */ (undefined);

  /** @param {string} name @param {string} folder */
  constructor(name, folder) {
    this.name = name;
    this.folder = folder;
  }

  /** @param {string} name */
  static async create(name) {
    return new TestAgent(name, await mkdtemp(path.join(os.tmpdir(), "gururmm-e2e-agent-")));
  }

  /** Trades a site key for an identity; the key goes in where no other user of the machine sees it. */
  async enroll(/** @type {string} */ server, /** @type {string} */ siteKey) {
    const args = ["enroll", "--state-dir", this.folder, "--server", server, "--site-key", "-"];
    const running = start(`${this.name}-enroll`, agentProgram(), args, { input: `${siteKey}\n` });
    if ((await running.ended) !== 0) throw new Error(`enrolment failed: ${running.output()}`);
  }

  start() {
    this.#run = start(this.name, agentProgram(), ["run", "--state-dir", this.folder]);
  }

  /** As a power cut would: no farewell, nothing tidied. */
  async kill() {
    this.#run?.signal("SIGKILL");
    await this.#run?.ended;
  }

  async stop() {
    await this.#run?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
