/** A server and its administrator, for agents of other systems than the one that tests them. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { Api } from "../harness/api.mjs";
import { removeFolders } from "../harness/folders.mjs";
import { ARTEFACTS, WORLD } from "../harness/paths.mjs";
import { stopAll } from "../harness/processes.mjs";
import { TestServer } from "../harness/server.mjs";
import { until } from "../harness/wait.mjs";

const ADMIN = { name: "Technician One", email: "technician@example.com", password: "three calm words suffice" };
/** Emulated processors and machines that have just been started are slow. */
export const PATIENCE_MS = 120_000;
const STEP_MS = 300_000;

/** The program under test. @param {string} variable */
export function programOf(variable) {
  const program = process.env[variable];
  if (!program) throw new Error(`${variable} must be the path of a program; scripts/test-platforms.sh sets it`);
  return program;
}

// Logs are read and appended to: those of an earlier run say what is no longer so.
mkdirSync(ARTEFACTS, { recursive: true });
for (const file of readdirSync(ARTEFACTS)) {
  if (file.startsWith(`${WORLD}-`)) rmSync(path.join(ARTEFACTS, file));
}

class Product {
  server = /** @type {TestServer} */ (/** @type {unknown} */ (undefined));
  api = /** @type {Api} */ (/** @type {unknown} */ (undefined));

  async start() {
    this.server = await TestServer.first();
    const anonymous = new Api(this.server.origin);
    const token = new URLSearchParams(new URL(this.server.setupAddress).hash.slice(1)).get("token");
    const login = await anonymous.post("/setup", { token, ...ADMIN });
    this.api = new Api(this.server.origin, login.token);
  }

  /** A site key for one machine. */
  async siteKey() {
    const { items } = await this.api.get("/sites");
    const { key } = await this.api.post("/site-keys", { site_id: items[0].id, name: "A machine under test" });
    return key;
  }

  /** The one machine, once it is in the wanted state. @param {string} [status] */
  machine(status = "online") {
    return until(
      `the machine is ${status}`,
      async () => (await this.api.get("/agents")).items.find((/** @type {any} */ row) => row.status === status),
      PATIENCE_MS,
    );
  }

  /** @param {string} id @param {string} command @param {object} [options] */
  async order(id, command, options = {}) {
    return (await this.api.post(`/agents/${id}/command`, { command, ...options })).id;
  }

  /** @param {string} id of a command @param {string} wanted @returns {Promise<any>} */
  became(id, wanted) {
    return until(
      `the command becomes ${wanted}`,
      async () => {
        const command = await this.api.get(`/commands/${id}`);
        return (wanted === "ended" ? command.finished_at : command.status === wanted) ? command : undefined;
      },
      PATIENCE_MS,
    );
  }

  /** @param {string} agent @param {string} command @param {object} [options] @returns {Promise<any>} */
  async run(agent, command, options) {
    return this.became(await this.order(agent, command, options), "ended");
  }

  /**
   * Runs a script of the library; answers its command. @param {string} agent @param {string} script
   * @param {Record<string, string>} parameters @returns {Promise<any>}
   */
  async runScript(agent, script, parameters) {
    const run = await this.api.post(`/scripts/${script}/run`, { targets: { ids: [agent] }, parameters });
    const { items } = await this.api.get(`/commands?run_id=${run.id}`);
    return this.became(items[0].id, "ended");
  }

  /** Waits until a command that goes on has written this. @param {string} id @param {string} text */
  wrote(id, text) {
    return until(
      `the command has written ${text}`,
      async () => (await this.api.get(`/commands/${id}`)).stdout.includes(text),
      PATIENCE_MS,
    );
  }

  /** The newest measurement that is younger than `since`. @param {string} id @param {number} since */
  async measured(id, since = 0) {
    const from = new Date(Math.max(since, Date.now() - 600_000)).toISOString();
    return until(
      "a new measurement",
      async () => (await this.api.get(`/agents/${id}/metrics?from=${from}`)).items.at(-1),
      PATIENCE_MS,
    );
  }
}

export const product = new Product();

/** What an `after` of the file must not outlive. @type {(() => Promise<void>)[]} */
const farewells = [];

/** Done at the end, before the server stops. @param {() => Promise<void>} act */
export const atTheEnd = (act) => void farewells.push(act);

after(
  async () => {
    for (const farewell of farewells.reverse()) await farewell();
    await product.server?.stop();
    await stopAll();
    removeFolders();
  },
  { timeout: STEP_MS },
);

/**
 * One step of a machine's life. Steps build on one another, in the order of the file: after one that failed the rest fails too.
 * @param {string} name @param {() => Promise<void>} act
 */
export function step(name, act) {
  test(name, { timeout: STEP_MS }, async (context) => {
    if (isBroken) return context.skip("an earlier step failed");
    isBroken = true;
    await act();
    isBroken = false;
  });
}

let isBroken = false;
