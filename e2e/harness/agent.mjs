/** The agent under test: the real program, with this very machine under it. */
import { makeFolder } from "./folders.mjs";
import { agentProgram } from "./paths.mjs";
import { start } from "./processes.mjs";

/** An agent with a state folder of its own. */
export class TestAgent {
  #run = /** @type {import("./processes.mjs").Running | undefined} */ (undefined);

  /**
   * @param {string} name names its logs
   * @param {{ program: string, folder: string }} [installed] where an installer has put it
   */
  constructor(name, installed = { program: agentProgram(), folder: makeFolder("agent") }) {
    this.name = name;
    this.program = installed.program;
    this.folder = installed.folder;
  }

  /** Trades a site key for an identity; the key goes in where no other user of the machine sees it. */
  async enroll(/** @type {string} */ server, /** @type {string} */ siteKey) {
    const args = ["enroll", "--state-dir", this.folder, "--server", server, "--site-key", "-"];
    const running = start(`${this.name}-enroll`, this.program, args, { input: `${siteKey}\n` });
    if ((await running.ended) !== 0) throw new Error(`enrolment failed: ${running.output()}`);
  }

  start() {
    this.#run = start(this.name, this.program, ["run", "--state-dir", this.folder]);
  }

  /** As a power cut would: no farewell, nothing tidied. */
  async kill() {
    this.#run?.signal("SIGKILL");
    await this.#run?.ended;
  }

  async stop() {
    await this.#run?.stop();
  }
}
