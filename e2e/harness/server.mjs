/** The server under test: the real program with a database of its own, in a folder that is gone afterwards. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { chmod, readFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { makeFolder } from "./folders.mjs";
import { agentProgram, serverProgram } from "./paths.mjs";
import { cleanEnv, start } from "./processes.mjs";
import { until } from "./wait.mjs";

/** An empty machine makes its first database cluster in this time, however busy it is. */
const START_MS = 120_000;

const run = promisify(execFile);

const SETTINGS = {
  // Short, so that what is live can be seen to be.
  GURURMM_METRICS_SECONDS: "2",
  // Every scenario logs in, all from one address.
  GURURMM_RATE_LIMITS__LOGIN_PER_MINUTE: "1000",
  GURURMM_RATE_LIMITS__LOGIN_PER_ACCOUNT_PER_MINUTE: "1000",
  // Every machine enrols from one address.
  GURURMM_RATE_LIMITS__ENROLL_PER_MINUTE: "1000000",
};

async function freePort() {
  const probe = net.createServer();
  await new Promise((resolve, reject) => probe.once("error", reject).listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = /** @type {net.AddressInfo} */ (probe.address());
  await new Promise((resolve) => probe.close(resolve));
  return address.port;
}

/** Ends the database of a server that was killed and could not end it itself. @param {string} folder */
function killDatabase(folder) {
  try {
    const pid = Number(readFileSync(path.join(folder, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);
    if (pid > 1) process.kill(pid, "SIGQUIT");
  } catch {
    // It has ended.
  }
}

/** A folder of programs as an operator lays it out, with the agent under test for machines like this one. */
function agentsFolder() {
  const folder = makeFolder("agents");
  const arch = process.arch === "arm64" ? "aarch64" : "x86_64";
  mkdirSync(path.join(folder, "linux", arch), { recursive: true });
  symlinkSync(agentProgram(), path.join(folder, "linux", arch, "gururmm-agent"));
  return folder;
}

export class TestServer {
  #running = /** @type {import("./processes.mjs").Running | undefined} */ (undefined);
  #agents = agentsFolder();
  /** With the token of the first start, which is the only one that prints one. */
  setupAddress = "";

  /** @param {string} folder @param {string} origin */
  constructor(folder, origin) {
    this.folder = folder;
    this.origin = origin;
  }

  /** An empty server that has begun to serve. */
  static async first() {
    // As root the database runs as another user, who has to reach its folder.
    const folder = makeFolder("server");
    await chmod(folder, 0o755);
    const server = new TestServer(folder, `http://127.0.0.1:${await freePort()}`);
    const running = server.start();
    server.setupAddress = await until(
      "the server prints the address of its set-up page",
      () => {
        if (running.outcome !== undefined)
          throw new Error(`the server ended (${running.outcome}): ${running.output()}`);
        // with the end of its line: what a process writes may come in pieces
        return /^\s*(http\S+\/setup#token=\S+)[ \t]*\n/m.exec(running.output())?.[1];
      },
      START_MS,
    );
    return server;
  }

  /** Also after a `kill`: the same address, the same data. */
  start() {
    const running = start(
      "server",
      serverProgram(),
      ["serve", "--data-dir", this.folder, "--listen", new URL(this.origin).host, "--public-url", this.origin],
      { env: { ...SETTINGS, GURURMM_AGENTS_DIR: this.#agents } },
    );
    running.onKilled = () => killDatabase(this.folder);
    this.#running = running;
    return running;
  }

  /** As a power cut of this one program: nothing is finished, its database is left behind. */
  async kill() {
    this.#running?.signal("SIGKILL");
    await this.#running?.ended;
  }

  async stop() {
    await this.#running?.stop();
    // One that was killed and never came back has left its database running.
    killDatabase(this.folder);
  }

  /** A command on the server's console, beside the running server. @param {string[]} command */
  async console(...command) {
    const { stdout } = await run(serverProgram(), [...command, "--data-dir", this.folder], { env: cleanEnv() });
    return stdout;
  }

  /** The one-use key for this very machine. */
  async localSiteKey() {
    return (await readFile(path.join(this.folder, "local-site-key"), "utf8")).trim();
  }
}
