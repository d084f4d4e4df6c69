/** The server under test: the real program with a database of its own, in a folder that is gone afterwards. */
import { readFileSync } from "node:fs";
import { chmod, readFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { makeFolder } from "./folders.mjs";
import { serverProgram } from "./paths.mjs";
import { start } from "./processes.mjs";
import { until } from "./wait.mjs";

/** An empty machine makes its first database cluster in this time, however busy it is. */
const START_MS = 120_000;

const SETTINGS = {
  // Short, so that what is live can be seen to be.
  GURURMM_METRICS_SECONDS: "2",
  // Every scenario logs in, all from one address.
  GURURMM_RATE_LIMITS__LOGIN_PER_MINUTE: "1000",
  GURURMM_RATE_LIMITS__LOGIN_PER_ACCOUNT_PER_MINUTE: "1000",
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

export async function startServer() {
  // As root the database runs as another user, who has to reach its folder.
  const folder = makeFolder("server");
  await chmod(folder, 0o755);
  const origin = `http://127.0.0.1:${await freePort()}`;
  const running = start(
    "server",
    serverProgram(),
    ["serve", "--data-dir", folder, "--listen", new URL(origin).host, "--public-url", origin],
    { env: SETTINGS },
  );
  running.onKilled = () => killDatabase(folder);
  const setupAddress = await until(
    "the server prints the address of its set-up page",
    () => {
      if (running.outcome !== undefined) throw new Error(`the server ended (${running.outcome}): ${running.output()}`);
      return /^\s*(http\S+\/setup#token=\S+)\s*$/m.exec(running.output())?.[1];
    },
    START_MS,
  );
  return {
    origin,
    setupAddress,
    running,
    /** The one-use key for this very machine. */
    localSiteKey: async () => (await readFile(path.join(folder, "local-site-key"), "utf8")).trim(),
    stop: () => running.stop(),
  };
}

/** @typedef {Awaited<ReturnType<typeof startServer>>} TestServer */
