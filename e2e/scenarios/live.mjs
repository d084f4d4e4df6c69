/** What is live: pages that follow, a server and a network that go away, tabs that share one stream. */
import assert from "node:assert/strict";
import os from "node:os";
import { openCommands, parts, run } from "../harness/command-form.mjs";
import { gates } from "../harness/gates.mjs";
import { glance } from "../harness/look.mjs";
import { startProxy } from "../harness/proxy.mjs";
import { at, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** From now on a page that is loaded anew is found out. @param {Page} page */
async function mayNotReload(page) {
  await page.evaluate(() => Object.assign(window, { isSame: true }));
  return async () => assert.ok(await page.evaluate(() => "isSame" in window), "the page was loaded anew");
}

/** @param {Page} page */
const mark = (page) => page.getByRole("banner").getByRole("status");

scenario("the fleet table follows its machines and what colleagues do", "technician", async ({ page }) => {
  const { id } = await world.machine();
  const api = await world.api();
  await page.goto("/machines");
  await says(mark(page), "Live");
  const isSame = await mayNotReload(page);
  const row = page.getByRole("table", { name: "Machines" }).getByRole("row", { name: os.hostname() });
  await says(row, "Online");
  const before = await row.innerText();
  await until("a new measurement is shown", async () => (await row.innerText()) !== before);
  await api.call("PATCH", `/agents/${id}`, { display_name: "Renamed by a colleague" });
  await visible(page.getByRole("link", { name: "Renamed by a colleague" }));
  await api.call("PATCH", `/agents/${id}`, { display_name: null });
  await visible(page.getByRole("link", { name: os.hostname(), exact: true }));
  await isSame();
});

scenario(
  "a server that dies comes back to the same page and the same command",
  "technician",
  async ({ page, guard }) => {
    const { id } = await world.machine();
    const main = page.getByRole("main");
    const pages = page.getByRole("navigation", { name: "Main" });
    await page.goto("/commands?search=nothing+like+this");
    await says(main, "Nothing matches");
    await pages.getByRole("link", { name: "Machines" }).click();
    await main.getByRole("link", { name: os.hostname(), exact: true }).click();
    await page.getByRole("tab", { name: "Commands" }).click();
    await says(mark(page), "Live");
    const isSame = await mayNotReload(page);
    const { state, stdout } = parts(page);
    const gate = gates();
    try {
      const command = await run(
        page,
        `echo one; ${gate.wait("a")}; echo two; ${gate.mark("b")}; ${gate.wait("c")}; echo three`,
      );
      await says(stdout, "one");
      await guard.outage(async () => {
        await world.server.kill();
        try {
          await says(mark(page), "Reconnecting");
          await gate.open("a");
          await until("the command has gone on without the server", () => gate.isOpen("b"));
          await glance(page, "machine-reconnecting");
          await pages.getByRole("link", { name: "Commands" }).click();
          await says(main.getByRole("alert"), "Try again");
          await glance(page, "server-away");
          await page.goBack();
          await says(stdout, "one");
        } finally {
          world.server.start();
        }
        await says(mark(page), "Live");
      });
      await says(main, /online since/);
      await says(stdout, "two");
      await says(state, "Running");
      await gate.open("c");
      await says(state, "Completed");
      await says(stdout, /^one\ntwo\nthree\s*$/);
      await isSame();
      const api = await world.api();
      assert.equal((await api.get(`/commands/${command}`)).stdout, "one\ntwo\nthree\n");
      assert.equal((await api.all(`/commands?agent_id=${id}&search=${encodeURIComponent(gate.path("b"))}`)).length, 1);
    } finally {
      await gate.openAll();
    }
  },
);

scenario("a network that was lost brings what was missed", "technician", async ({ page, context, guard }) => {
  const { id } = await world.machine();
  const api = await world.api();
  const network = await startProxy(world.server.origin);
  guard.allow(network.origin);
  try {
    await page.goto(`${network.origin}/machines/${id}`);
    await says(mark(page), "Live");
    // a part of the page that is still on its way would be lost with the network
    await visible(page.getByRole("figure", { name: /^CPU: / }));
    const isSame = await mayNotReload(page);
    await guard.outage(async () => {
      network.cut();
      await context.setOffline(true);
      await says(mark(page), "Reconnecting");
      await api.call("PATCH", `/agents/${id}`, { display_name: "Renamed meanwhile" });
      network.restore();
      await context.setOffline(false);
      await says(mark(page), "Live");
    });
    await visible(page.getByRole("heading", { name: "Renamed meanwhile", exact: true }));
    await api.call("PATCH", `/agents/${id}`, { display_name: null });
    await visible(page.getByRole("heading", { name: os.hostname(), exact: true }));
    await isSame();
  } finally {
    network.stop();
  }
});

/** The live streams that a page has asked for. @param {Page} page */
function streamsOf(page) {
  /** @type {string[]} */
  const streams = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/api/events") streams.push(request.url());
  });
  return streams;
}

scenario(
  "tabs share one live stream, and another tab goes on with it",
  "technician",
  async ({ page: first, context }) => {
    await first.goto("/machines");
    await says(mark(first), "Live");
    const second = await context.newPage();
    const streams = streamsOf(second);
    await openCommands(second);
    const { state, stdout } = parts(second);
    const gate = gates();
    try {
      await run(second, `echo one; ${gate.wait("a")}; echo two; ${gate.wait("b")}; echo three; ${gate.wait("c")}`);
      await says(stdout, "one");
      await gate.open("a");
      await says(stdout, "two");
      assert.deepEqual(streams, [], "the second tab has no stream of its own");
      await first.close();
      await until("the second tab has taken over", () => streams.length > 0);
      await gate.open("b");
      await says(stdout, /^one\ntwo\nthree\s*$/);
      await says(mark(second), "Live");
      await gate.open("c");
      await says(state, "Completed");
    } finally {
      await gate.openAll();
    }
  },
);

/** The answer of a server that has a fault. */
const FAULT = {
  status: 500,
  contentType: "application/problem+json",
  body: JSON.stringify({
    type: "about:blank",
    title: "Internal error",
    status: 500,
    code: "internal",
    request_id: "example",
  }),
};

scenario("a page that loads, and one that fails, say so", "technician", async ({ page, guard }) => {
  await world.machine();
  const main = page.getByRole("main");
  const lists = /\/api\/(agents|commands)(\?|$)/;
  /** @type {(() => void)[]} */
  const held = [];
  const hold = (/** @type {import("playwright-core").Route} */ route) =>
    new Promise((resolve) => held.push(() => resolve(undefined))).then(() => route.continue().catch(() => {}));
  await page.route(lists, hold);
  await page.goto("/machines");
  await says(main, "Loading");
  await glance(page, "machines-loading", { isLoading: true });
  await page.goto("/");
  await visible(main.getByRole("heading", { name: "Attention" }));
  await glance(page, "attention-loading", { isLoading: true });
  for (const release of held) release();
  await page.unroute(lists, hold);

  await page.route(lists, (route) => route.fulfill(FAULT));
  guard.expect(500, /^\/api\/agents$/);
  await page.goto("/machines");
  await says(main.getByRole("alert"), "Try again");
  await glance(page, "machines-failed");
  await page.unroute(lists);
  await main.getByRole("button", { name: "Try again" }).click();
  await visible(main.getByRole("link", { name: os.hostname(), exact: true }));
  await at(page, "/machines");
});
