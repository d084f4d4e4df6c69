/**
 * Every process of a run: started with its output in a file of its own, ended with the run whatever happens. Each leads its
 * own process group, so that what it left behind can be ended with it.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { removeFolders } from "./folders.mjs";
import { ARTEFACTS, WORLD } from "./paths.mjs";

const STOP_MS = 15_000;

/** @type {Set<Running>} */
const living = new Set();

/** The environment of the tests without what would reach into the programs under test. */
export function cleanEnv(extra = {}) {
  const own = Object.entries(process.env).filter(([name]) => !/^(GURURMM_|DATABASE_URL|PG|NODE_)/.test(name));
  return { ...Object.fromEntries(own), ...extra };
}

export class Running {
  #stopping = /** @type {Promise<void> | undefined} */ (undefined);

  /** @param {string} name @param {import("node:child_process").ChildProcess} child @param {string} log */
  constructor(name, child, log) {
    this.name = name;
    this.child = child;
    this.log = log;
    /** @type {number | string | undefined} the exit code or the signal, once it has ended */
    this.outcome = undefined;
    /** What else has to go when the process must be killed. @type {() => void} */
    this.onKilled = () => {};
    this.ended = new Promise((resolve) => {
      const end = (/** @type {unknown} */ outcome) => {
        this.outcome ??= /** @type {number | string} */ (outcome);
        living.delete(this);
        resolve(this.outcome);
      };
      child.once("exit", (code, signal) => end(code ?? signal ?? "unknown"));
      child.once("error", (error) => end(error.message));
    });
    living.add(this);
  }

  get pid() {
    if (this.child.pid === undefined) throw new Error(`${this.name} did not start: ${this.outcome}`);
    return this.child.pid;
  }

  output() {
    return readFileSync(this.log, "utf8");
  }

  /** @param {NodeJS.Signals} signal */
  signal(signal) {
    if (this.outcome === undefined) this.child.kill(signal);
  }

  killGroup() {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // The group is gone, which is what was wanted.
    }
    this.onKilled();
  }

  /** Asks it to end, once, and makes it end when it does not. */
  stop() {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop() {
    if (this.outcome !== undefined) return;
    this.signal("SIGTERM");
    const kill = setTimeout(() => this.killGroup(), STOP_MS);
    await this.ended;
    clearTimeout(kill);
  }
}

/**
 * @param {string} name names the log in the artefacts
 * @param {string} program
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, input?: string }} [options]
 */
export function start(name, program, args, { env, input } = {}) {
  mkdirSync(ARTEFACTS, { recursive: true });
  const log = path.join(ARTEFACTS, `${WORLD}-${name}.log`);
  const output = openSync(log, "a", 0o600);
  const child = spawn(program, args, {
    env: cleanEnv(env),
    stdio: [input === undefined ? "ignore" : "pipe", output, output],
    detached: true,
  });
  closeSync(output);
  if (input !== undefined) child.stdin?.end(input);
  return new Running(name, child, log);
}

export async function stopAll() {
  // The youngest first: agents leave before their server does.
  for (const running of [...living].reverse()) await running.stop();
}

for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"])) {
  process.once(signal, () => void stopAll().finally(() => process.exit(1)));
}
process.once("exit", () => {
  for (const running of living) running.killGroup();
  removeFolders();
});
