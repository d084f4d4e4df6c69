/** One machine: how it joins, what its page says of it, compared with the machine itself. */
import assert from "node:assert/strict";
import os from "node:os";
import path from "node:path";
import { TestAgent } from "../harness/agent.mjs";
import { glance, look } from "../harness/look.mjs";
import {
  cpuTicks,
  diskPercent,
  largestProcesses,
  memoryPercent,
  outputOf,
  uptimeSeconds,
} from "../harness/machine.mjs";
import { ARTEFACTS } from "../harness/paths.mjs";
import { at, gone, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

scenario("a machine joins by the line that is shown, and is deleted", "technician", async ({ page }) => {
  const { origin } = world.server;
  await page.goto("/");
  await page.getByRole("button", { name: "Add the first one" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a machine" });
  await dialog.getByRole("button", { name: "Create the install line" }).click();
  const line = dialog.getByRole("region", { name: "Install line" });
  const text = (await says(line, "grmm_site_")).trim();
  const key = text.split(" ").at(-1) ?? "";
  assert.equal(text, `curl -fsSL ${origin}/install.sh | sudo sh -s -- --server ${origin} --site-key ${key}`);
  assert.match(await (await fetch(`${origin}/install.sh`)).text(), /^#!\/bin\/sh/);
  await says(dialog.getByRole("status"), "Waiting for the machine");
  await glance(page, "add-machine-waiting");

  const agent = new TestAgent("second-agent");
  try {
    await agent.enroll(origin, key);
    await says(dialog.getByRole("status"), "Offline");
    agent.start();
    await says(dialog.getByRole("status"), "Online");
    await glance(page, "add-machine-joined");
    await dialog.getByRole("link", { name: os.hostname() }).click();
    await says(page.getByRole("main"), /online since/);

    await page.getByRole("button", { name: "Delete" }).click();
    const confirm = page.getByRole("alertdialog");
    await glance(page, "machine-delete");
    await confirm.getByRole("button", { name: "Delete machine" }).click();
    await at(page, "/machines");
    await says(page.getByRole("main"), "No machines yet");
    await assert.rejects(new TestAgent("late-agent").enroll(origin, key), /used as often as it may be/);
  } finally {
    await agent.stop();
  }
});

/** @param {import("playwright-core").Page} page @param {"CPU" | "Memory" | "Disk"} name */
async function gauge(page, name) {
  const text = await says(page.getByRole("button", { name: new RegExp(`^${name} `) }), /\d%/);
  return Number(/(\d+)%/.exec(text)?.[1]);
}

/** @param {string} what @param {number} shown @param {number} real @param {number} tolerance */
function isNear(what, shown, real, tolerance) {
  const message = `${what}: the page says ${shown}, the machine ${real.toFixed(1)}`;
  assert.ok(Math.abs(shown - real) <= tolerance, message);
}

/**
 * The processor's share that the page shows over several measurements, and the kernel's own over the same time.
 * @param {import("playwright-core").Page} page
 */
async function compareCpu(page) {
  const shown = new Map();
  const measured = page
    .getByRole("paragraph")
    .filter({ hasText: /^Measured/ })
    .getByRole("time");
  const began = await cpuTicks();
  const first = await measured.getAttribute("datetime");
  await until("three new measurements are shown", async () => {
    const when = await measured.getAttribute("datetime");
    if (when !== first) shown.set(when, await gauge(page, "CPU"));
    return shown.size >= 3;
  });
  const ended = await cpuTicks();
  const mean = [...shown.values()].reduce((sum, value) => sum + value, 0) / shown.size;
  isNear("CPU", mean, ((ended.busy - began.busy) / (ended.all - began.all)) * 100, 25);
}

/** "1 d 4 h" → seconds. @param {string} text */
function seconds(text) {
  /** @type {Record<string, number>} */
  const units = { d: 86_400, h: 3600, min: 60, s: 1 };
  const parts = [...text.matchAll(/([\d.]+) (d|h|min|s)\b/g)];
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0), 0);
}

scenario("the page of this machine says what the machine says", "technician", async ({ page }) => {
  const { id } = await world.machine();
  await page.goto(`/machines/${id}`);
  const main = page.getByRole("main");
  await visible(page.getByRole("heading", { name: os.hostname(), exact: true }));
  await says(main, (await outputOf("uname", "-r")) || "-");

  await until("memory and disk are as the kernel counts them", async () => {
    isNear("memory", await gauge(page, "Memory"), await memoryPercent(), 5);
    isNear("disk", await gauge(page, "Disk"), await diskPercent("/"), 2);
    return true;
  });
  const api = await world.api();
  await until("the uptime is the kernel's", async () => {
    const agent = await api.get(`/agents/${id}`);
    isNear("uptime", agent.uptime_seconds, await uptimeSeconds(), 60);
    const shown = /Uptime\s+([^\n]+)/.exec(await main.innerText())?.[1] ?? "";
    // The page shows the two largest units: an hour is the coarsest step of a machine that runs for days.
    isNear("uptime shown", seconds(shown), await uptimeSeconds(), /\bd\b/.test(shown) ? 3660 : 120);
    return true;
  });
  await compareCpu(page);
  await look(page, "machine-overview-one");

  await page.getByRole("button", { name: /^Memory / }).click();
  const dialog = page.getByRole("dialog", { name: "Processes" });
  await until("the processes that hold most memory are those that ps names", async () => {
    const cells = await dialog.getByRole("row").getByRole("cell").allInnerTexts();
    const pids = new Set(cells.filter((cell) => /^\d+$/.test(cell)).map(Number));
    const largest = await largestProcesses(15);
    return pids.size > 0 && largest.some((pid) => pids.has(pid));
  });
  await glance(page, "machine-processes");
  await page.keyboard.press("Escape");
  await gone(dialog);
  await page.getByRole("button", { name: /^Disk / }).click();
  await visible(dialog.getByRole("list", { name: "Disks" }));
  await glance(page, "machine-disks");
  await page.keyboard.press("Escape");
});

scenario("the charts of a machine get new points while one looks", "technician", async ({ page }) => {
  const { id } = await world.machine();
  /** @type {Map<string, number>} */
  const points = new Map();
  page.on("response", async (response) => {
    if (!response.url().includes(`/api/agents/${id}/metrics`) || !response.ok()) return;
    const { items } = await response.json().catch(() => ({ items: [] }));
    for (const point of items) points.set(point.recorded_at, point.cpu_percent);
  });
  await page.goto(`/machines/${id}?tab=metrics&range=15m`);
  const chart = page.getByRole("figure", { name: /^CPU: / });
  for (const name of ["CPU", "Memory", "Disk", "Network"]) {
    await visible(page.getByRole("figure", { name: new RegExp(`^${name}: `) }));
  }
  const seen = new Set();
  await until("the chart follows two new points", async () => {
    const newest = [...points.keys()].sort().at(-1) ?? "";
    const name = (await chart.getAttribute("aria-label")) ?? "";
    if (name.includes(`now ${Math.round(points.get(newest) ?? -1)}%`)) seen.add(newest);
    return seen.size >= 3;
  });
  await look(page, "machine-metrics-one");
  for (const tab of ["Capabilities", "Audit"]) {
    await page.getByRole("tab", { name: tab }).click();
    await visible(page.getByRole("tabpanel", { name: tab }));
    await says(page.getByRole("tabpanel", { name: tab }), tab === "Audit" ? "Agent enrolled" : "Supported");
    await look(page, `machine-${tab.toLowerCase()}-one`);
  }
  await page.getByRole("tab", { name: "Overview" }).click();
  await visible(page.getByRole("button", { name: /^CPU / }));
  await page.screenshot({ path: path.join(ARTEFACTS, "machine.png"), animations: "disabled" });
});
