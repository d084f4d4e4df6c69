/**
 * The world of one test file: a server, this machine's agent, an administrator, a browser. What a scenario needs is brought
 * about by the first that asks for it, so any scenario can be run alone.
 */
import { mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { chromium as engine } from "playwright-core";
import { TestAgent } from "./agent.mjs";
import { Api } from "./api.mjs";
import { removeFolders } from "./folders.mjs";
import { Guard } from "./guard.mjs";
import { NARROW, WIDE } from "./look.mjs";
import { ARTEFACTS, chromium } from "./paths.mjs";
import { stopAll } from "./processes.mjs";
import { TestServer } from "./server.mjs";
import { PATIENCE_MS, until } from "./wait.mjs";

export const ADMIN = {
  name: "Technician One",
  email: "technician@example.com",
  password: "three calm words suffice",
};
const SCENARIO_MS = 180_000;

const DESK = { viewport: WIDE };
/** A finger instead of a pointer, and a page that lays itself out as on a phone. */
const PHONE = { viewport: NARROW, hasTouch: true, isMobile: true };

class World {
  /** @type {TestServer} */
  server = /** @type {any} */ (undefined);
  /** @type {import("playwright-core").Browser} */
  browser = /** @type {any} */ (undefined);
  #began = /** @type {Promise<void> | undefined} */ (undefined);
  #api = /** @type {Api | undefined} */ (undefined);
  #agent = /** @type {Promise<{ process: TestAgent, id: string }> | undefined} */ (undefined);

  /** Nothing is started for scenarios that were not chosen. */
  start() {
    this.#began ??= this.#start();
    return this.#began;
  }

  async #start() {
    mkdirSync(ARTEFACTS, { recursive: true });
    this.server = await TestServer.first();
    this.browser = await engine.launch({
      executablePath: chromium(),
      args: [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        // Another host could not be reached if a page asked for it; that it asked is what the guard sees.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ],
    });
  }

  async stop() {
    await this.browser?.close();
    const agent = await this.#agent?.catch(() => undefined);
    await agent?.process.stop();
    await this.server?.stop();
    await stopAll();
    removeFolders();
  }

  /** The interface, as the administrator; makes one if no scenario has yet. */
  async api() {
    if (this.#api) return this.#api;
    const anonymous = new Api(this.server.origin);
    const { open } = await anonymous.get("/setup");
    if (open) {
      const token = new URLSearchParams(new URL(this.server.setupAddress).hash.slice(1)).get("token");
      await anonymous.post("/setup", { token, ...ADMIN });
    }
    const { email, password } = ADMIN;
    const login = await anonymous.post("/auth/login", { email, password });
    this.#api = new Api(this.server.origin, login.token);
    return this.#api;
  }

  /** This machine's agent, online and measured. */
  machine() {
    this.#agent ??= this.#enrolled();
    return this.#agent;
  }

  async #enrolled() {
    const api = await this.api();
    const agent = new TestAgent("agent");
    await agent.enroll(this.server.origin, await this.server.localSiteKey());
    agent.start();
    const id = await until("the agent is online and has measured", async () => {
      const rows = await api.all("/agents?status=online");
      return rows.find((row) => row.metrics_at && row.hostname === os.hostname())?.id;
    });
    return { process: agent, id };
  }

  /** A context without any session. @param {import("playwright-core").BrowserContextOptions} screen */
  async stranger(screen = DESK) {
    const context = await this.browser.newContext({
      baseURL: this.server.origin,
      ...screen,
      colorScheme: "light",
      reducedMotion: "reduce",
      locale: "en-GB",
    });
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  }

  /** A context with a session of its own. @param {import("playwright-core").BrowserContextOptions} [screen] */
  async technician(screen) {
    await this.api();
    const context = await this.stranger(screen);
    const { email, password } = ADMIN;
    const login = await new Api(this.server.origin).post("/auth/login", { email, password });
    await context.addCookies([
      { name: "gururmm_session", value: login.token, url: this.server.origin, httpOnly: true, sameSite: "Strict" },
    ]);
    return { context, token: login.token };
  }
}

export const world = new World();

after(() => world.stop(), { timeout: SCENARIO_MS });

/**
 * @typedef {object} Stage what a scenario acts on
 * @property {import("playwright-core").Page} page
 * @property {import("playwright-core").BrowserContext} context
 * @property {Guard} guard
 * @property {string} token the session of the page; empty for a stranger
 */

/**
 * A scenario: one person, one browser context, nothing done by the pages that must not be.
 * @param {string} name
 * @param {"technician" | "phone" | "stranger"} who a technician at a desk or with a phone, or somebody without a session
 * @param {(stage: Stage) => Promise<void>} act
 */
export function scenario(name, who, act) {
  test(name, { timeout: SCENARIO_MS }, async () => {
    await world.start();
    const { context, token } =
      who === "stranger"
        ? { context: await world.stranger(), token: "" }
        : await world.technician(who === "phone" ? PHONE : DESK);
    const guard = new Guard(context, world.server.origin);
    const page = await context.newPage();
    try {
      await act({ page, context, guard, token });
      guard.check();
    } catch (error) {
      const file = path.join(ARTEFACTS, `failed-${name.replaceAll(/[^a-z0-9]+/gi, "-")}.png`);
      await page.screenshot({ path: file }).catch(() => {});
      throw error;
    } finally {
      await context.close();
    }
  });
}
