/** One machine: what its page says of it, compared with the machine itself, of the same moment or the same span. */
import assert from "node:assert/strict";
import os from "node:os";
import path from "node:path";
import { startBusyProcess, startTraffic } from "../harness/load.mjs";
import { glance, look } from "../harness/look.mjs";
import { disks, outputOf, systemName, uptimeSeconds } from "../harness/machine.mjs";
import { ARTEFACTS, agentProgram } from "../harness/paths.mjs";
import { at, gone, says, until, visible } from "../harness/wait.mjs";
import { Witness } from "../harness/witness.mjs";
import { scenario, world } from "../harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */

/** How far a page may be from the machine; the README says the same. Points are of a percentage. */
const TOLERANCE = {
  cpuPoints: 10,
  /** A single span of a second or two: both read the counters when the scheduler lets them. */
  cpuPointsOfOne: 25,
  memoryPoints: 3,
  diskPoints: 2,
  diskSizeShare: 0.01,
  processMemoryShare: 0.1,
  /** Of one processor: a process with two of them busy says 200. */
  processCpuPoints: 25,
  trafficShare: 0.1,
  trafficBytes: 256 * 1024,
  uptimeSeconds: 120,
};

/** @param {string} what @param {number} shown @param {number} real @param {number} tolerance */
function isNear(what, shown, real, tolerance) {
  const message = `${what}: the page says ${shown}, the machine ${real.toFixed(1)}, which may differ by ${tolerance}`;
  assert.ok(Math.abs(shown - real) <= tolerance, message);
}

/** What lies between the lowest and the highest of the values and is nearest to `wanted`. @param {number} wanted @param {number[]} values */
const nearest = (wanted, values) => Math.min(Math.max(wanted, Math.min(...values)), Math.max(...values));

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** "1.2 MiB", "3 GiB/s" → bytes. @param {string} text */
function bytes(text) {
  const [, amount, unit = ""] = /([\d.]+) (B|KiB|MiB|GiB|TiB|PiB)/.exec(text) ?? [];
  return Number(amount) * 1024 ** ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].indexOf(unit);
}

/** "1 d 4 h" → seconds. @param {string} text */
function seconds(text) {
  /** @type {Record<string, number>} */
  const units = { d: 86_400, h: 3600, min: 60, s: 1 };
  const parts = [...text.matchAll(/([\d.]+) (d|h|min|s)\b/g)];
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0), 0);
}

/**
 * What `read` finds, with the time that the page names for it, when both are of one measurement.
 * @template T
 * @param {Locator} time @param {() => Promise<T>} read
 * @returns {Promise<{ time: number, shown: T }>}
 */
function measured(time, read) {
  return until("figures of one measurement", async () => {
    const before = (await time.getAttribute("datetime")) ?? "";
    const shown = await read();
    return before === (await time.getAttribute("datetime")) ? { time: Date.parse(before), shown } : undefined;
  });
}

/** The three gauges of the page and when they were measured. @param {Page} page */
function gauges(page) {
  const time = page
    .getByRole("paragraph")
    .filter({ hasText: /^Measured/ })
    .getByRole("time");
  const percent = async (/** @type {"CPU" | "Memory" | "Disk"} */ name) =>
    Number(/(\d+)%/.exec(await says(page.getByRole("button", { name: new RegExp(`^${name} `) }), /\d%/))?.[1]);
  return measured(time, async () => ({
    cpu: await percent("CPU"),
    memory: await percent("Memory"),
    disk: await percent("Disk"),
  }));
}

/**
 * The processor's share over three measurements that follow on one another, as the page shows it and as the kernel counts it.
 * @param {Page} page @param {Witness} witness @param {string} id
 */
async function processorShare(page, witness, id) {
  const before = Math.max((await gauges(page)).time, witness.began + 500);
  let began = 0;
  /** @type {Map<number, number>} */
  const shown = new Map();
  await until("four new measurements are shown", async () => {
    const now = await gauges(page);
    // The first span that can be judged is the one that this measurement began.
    if (began === 0 && now.time > before) began = now.time;
    if (began > 0 && now.time > began) shown.set(now.time, now.shown.cpu);
    return shown.size >= 3;
  });
  const api = await world.api();
  const { items } = await api.get(`/agents/${id}/metrics?from=${new Date(began).toISOString()}`);
  const real = [...shown.keys()].map((time) => {
    const point = items.find((/** @type {any} */ item) => Date.parse(item.recorded_at) === time);
    return witness.cpuPercent(time - point.interval_seconds * 1000, time);
  });
  return { shown: mean([...shown.values()]), real: mean(real) };
}

/**
 * A scenario with somebody who notes what the machine really does.
 * @param {string} name @param {(page: Page, witness: Witness, id: string) => Promise<void>} act
 */
function witnessed(name, act) {
  scenario(name, "technician", async ({ page }) => {
    const { id } = await world.machine();
    const witness = new Witness();
    try {
      await act(page, witness, id);
    } finally {
      await witness.stop();
    }
  });
}

witnessed("the page of this machine says what the machine says", async (page, witness, id) => {
  await page.goto(`/machines/${id}`);
  const main = page.getByRole("main");
  await visible(page.getByRole("heading", { name: os.hostname(), exact: true }));
  const fact = async (/** @type {string} */ name) =>
    new RegExp(`^${name}\\s+([^\\n]+)`, "m").exec(await main.innerText())?.[1];
  await says(main, /^Kernel/m);
  assert.equal(await fact("Host name"), os.hostname());
  assert.equal(await fact("System"), `${await systemName()} (Linux)`);
  assert.equal(await fact("Kernel"), await outputOf("uname", "-r"));
  assert.equal(await fact("Processor type"), await outputOf("uname", "-m"));
  assert.equal(await fact("Agent version"), (await outputOf(agentProgram(), "--version")).split(" ").at(-1));
  // The page shows the two largest units: an hour is the coarsest step of a machine that runs for days.
  const uptime = (await fact("Uptime")) ?? "";
  isNear("uptime", seconds(uptime), await uptimeSeconds(), TOLERANCE.uptimeSeconds + (/\bd\b/.test(uptime) ? 3600 : 0));

  await until("memory and the fullest disk are as the kernel counts them", async () => {
    const { time, shown } = await gauges(page);
    isNear("memory", shown.memory, witness.at(time, "memory"), TOLERANCE.memoryPoints);
    const fullest = Math.max(...[...(await disks()).values()].map(({ size, used }) => (used / size) * 100));
    isNear("disk", shown.disk, fullest, TOLERANCE.diskPoints);
    return true;
  });
  await look(page, "machine-overview-one");

  await page.getByRole("button", { name: /^Disk / }).click();
  const list = page.getByRole("dialog", { name: "Processes" }).getByRole("list", { name: "Disks" });
  await visible(list.getByRole("listitem").first());
  const real = await disks();
  const shown = (await list.getByRole("listitem").allInnerTexts()).map((text) => {
    const [, mount = "", used = "", size = ""] = /^(.+?)\s+(\S+ \S+) of (\S+ \S+) \(\d+%\)$/.exec(text.trim()) ?? [];
    return { mount, used: bytes(used), size: bytes(size) };
  });
  assert.deepEqual(shown.map(({ mount }) => mount).sort(), [...real.keys()].sort());
  for (const { mount, used, size } of shown) {
    const disk = real.get(mount);
    isNear(`size of ${mount}`, size, disk.size, disk.size * TOLERANCE.diskSizeShare);
    isNear(`use of ${mount}`, (used / size) * 100, (disk.used / disk.size) * 100, TOLERANCE.diskPoints);
  }
  await glance(page, "machine-disks");
});

/**
 * The rows of the process dialog and when they were measured.
 * @param {Page} page @param {"CPU" | "memory"} by
 */
function processes(page, by) {
  const dialog = page.getByRole("dialog", { name: "Processes" });
  const table = dialog.getByRole("table", { name: `Processes by ${by}` });
  return measured(dialog.getByRole("time"), async () => {
    const cells = await table.getByRole("cell").allInnerTexts();
    return Array.from({ length: cells.length / 5 }, (_, row) => {
      const [name = "", user = "", pid, cpu = "", memory = ""] = cells.slice(row * 5, row * 5 + 5);
      return { name, user, pid: Number(pid), cpu: Number.parseFloat(cpu), bytes: bytes(memory) };
    });
  });
}

/** @param {Awaited<ReturnType<typeof processes>>["shown"]} shown @param {import("../harness/witness.mjs").Process[]} real */
function areLargest(shown, real) {
  const pairs = shown.flatMap((row) => {
    const process = real.slice(0, 10).find(({ pid }) => pid === row.pid);
    return process ? [{ row, process }] : [];
  });
  assert.ok(pairs.length >= 8, `of the ten largest of ps ${pairs.length} are shown`);
  for (const { row, process } of pairs) {
    assert.deepEqual([row.name, row.user], [process.name, process.user]);
    isNear(`memory of ${row.name}`, row.bytes, process.bytes, process.bytes * TOLERANCE.processMemoryShare);
  }
}

witnessed("work on the machine shows on its page, and who does it", async (page, witness, id) => {
  await page.goto(`/machines/${id}`);
  const rest = await processorShare(page, witness, id);
  isNear("CPU at rest", rest.shown, rest.real, TOLERANCE.cpuPoints);
  const busy = startBusyProcess();
  try {
    witness.watch(busy.pid);
    await until("the gauge has risen", async () => (await gauges(page)).shown.cpu >= 90);
    const work = await processorShare(page, witness, id);
    isNear("CPU at work", work.shown, work.real, TOLERANCE.cpuPoints);
    const rise = work.shown - rest.shown;
    // A machine that others have made busy already has less left to rise by.
    assert.ok(rise >= Math.min(30, 90 - rest.real), `the page shows a rise by ${rise.toFixed(0)} points`);

    await page.getByRole("button", { name: /^CPU / }).click();
    await until("the busy process leads", async () => {
      const { time, shown } = await processes(page, "CPU");
      const [first] = shown;
      assert.deepEqual([first?.pid, first?.name, first?.user], [busy.pid, "e2e-busy", os.userInfo().username]);
      const real = witness.cpuPercentOf(busy.pid, time - 2000, time);
      isNear("its processor time", first?.cpu ?? 0, real, TOLERANCE.processCpuPoints);
      return true;
    });
  } finally {
    witness.unwatch(busy.pid);
    await busy.stop();
  }
  const dialog = page.getByRole("dialog", { name: "Processes" });
  await dialog.getByRole("button", { name: "By memory" }).click();
  await until("the processes that hold most memory are those that ps names", async () => {
    const { time, shown } = await processes(page, "memory");
    areLargest(shown, witness.processesAt(time));
    return true;
  });
  await glance(page, "machine-processes");
  await page.keyboard.press("Escape");
  await gone(dialog);
});

/** What the lines of the four charts end with, as a screen reader hears it. @param {Page} page */
async function lines(page) {
  /** @type {Map<string, { now: string, most: string }>} */
  const found = new Map();
  for (const chart of ["CPU", "Memory", "Disk", "Network"]) {
    const figure = page.getByRole("figure", { name: new RegExp(`^${chart}: `) });
    const name = (await figure.getAttribute("aria-label")) ?? "";
    for (const line of name.slice(`${chart}: `.length).split("; ")) {
      const [, series, now = "", most = ""] = /^(.+) (?:now|last) (.+), at most (.+)$/.exec(line) ?? [];
      found.set(`${chart} ${series}`, { now, most });
    }
  }
  return found;
}

/** The same of a measurement that the server has told the page. @param {any} point */
function expectedLines(point) {
  const percent = (/** @type {number} */ used, /** @type {number} */ size) => (used / size) * 100;
  const { swap_used_bytes: swapUsed, swap_total_bytes: swapSize } = point;
  return new Map([
    ["CPU CPU", point.cpu_percent],
    ["Memory Memory", percent(point.memory_used_bytes, point.memory_total_bytes)],
    ...(swapSize > 0 ? [/** @type {const} */ (["Memory Swap", percent(swapUsed, swapSize)])] : []),
    ...point.disks
      .slice(0, 4)
      .map((/** @type {any} */ disk) => [`Disk ${disk.mount}`, percent(disk.used_bytes, disk.total_bytes)]),
    ["Network Received", point.network_rx_bytes / point.interval_seconds],
    ["Network Sent", point.network_tx_bytes / point.interval_seconds],
  ]);
}

/** @param {string} text "12%" or "1.2 MiB/s" @param {number} value */
const shows = (text, value) =>
  text.endsWith("%")
    ? Math.abs(Number.parseFloat(text) - value) <= 0.51
    : Math.abs(bytes(text) - value) <= Math.max(1, value * 0.05);

/** The measurements that a page is told, by their time. @param {Page} page @param {string} id */
function pointsOf(page, id) {
  /** @type {Map<number, any>} */
  const points = new Map();
  page.on("response", async (response) => {
    if (!response.url().includes(`/api/agents/${id}/metrics`) || !response.ok()) return;
    const { items } = await response.json().catch(() => ({ items: [] }));
    for (const point of items) points.set(Date.parse(point.recorded_at), point);
  });
  return points;
}

witnessed("the charts of a machine follow what the kernel counts", async (page, witness, id) => {
  const points = pointsOf(page, id);
  await page.goto(`/machines/${id}?tab=metrics&range=15m`);
  for (const name of ["CPU", "Memory", "Disk", "Network"]) {
    await visible(page.getByRole("figure", { name: new RegExp(`^${name}: `) }));
  }
  const began = Math.max(...points.keys());
  /** @type {Set<number>} */
  const seen = new Set();
  const follow = (/** @type {number} */ count) =>
    until("every chart follows the new points", async () => {
      const newest = Math.max(...points.keys());
      const [shown, expected] = [await lines(page), expectedLines(points.get(newest))];
      assert.deepEqual([...shown.keys()], [...expected.keys()]);
      for (const [line, value] of expected) {
        const { now } = shown.get(line) ?? { now: "" };
        assert.ok(shows(now, value), `${line}: the chart says ${now}, the point ${value}`);
      }
      if (newest > began) seen.add(newest);
      return seen.size >= count;
    });
  await follow(1);
  const [quiet = 0] = seen;
  const traffic = startTraffic();
  try {
    await follow(4);
  } finally {
    traffic.stop();
  }
  await follow(6);
  const most = bytes((await lines(page)).get("Network Sent")?.most ?? "");

  const last = Math.max(...seen);
  // of the last one the second is not over yet
  const judged = [...seen].filter((time) => time > quiet && time < last);
  /** @param {number} time @param {number} after */
  const busyUntil = (time, after) =>
    witness.cpuPercent(time + after - points.get(time).interval_seconds * 1000, time + after);
  const busy = judged.map((time) => busyUntil(time, 0));
  // A point says in which second it was measured, and not when in it.
  const busyAround = (/** @type {number} */ time) => [0, 250, 500, 750, 1000].map((after) => busyUntil(time, after));
  isNear(
    "CPU of the points",
    mean(judged.map((time) => points.get(time).cpu_percent)),
    mean(busy),
    TOLERANCE.cpuPoints,
  );
  for (const time of judged) {
    const point = expectedLines(points.get(time));
    const shown = point.get("CPU CPU");
    isNear("CPU of a point", shown, nearest(shown, busyAround(time)), TOLERANCE.cpuPointsOfOne);
    isNear("memory of a point", point.get("Memory Memory"), witness.at(time, "memory"), TOLERANCE.memoryPoints);
    isNear("swap of a point", point.get("Memory Swap") ?? 0, witness.at(time, "swap"), TOLERANCE.memoryPoints);
  }
  const during = [...points.entries()].filter(([time]) => time > quiet && time <= last);
  for (const [what, figure] of /** @type {const} */ ([
    ["received", "network_rx_bytes"],
    ["sent", "network_tx_bytes"],
  ])) {
    const shown = during.reduce((sum, [, point]) => sum + point[figure], 0);
    const real = witness.during(quiet, last, what);
    isNear(`bytes ${what}`, shown, real, real * TOLERANCE.trafficShare + TOLERANCE.trafficBytes);
  }
  const rates = during.map(([time, { interval_seconds: span }]) => {
    return witness.during(time - span * 1000, time, "sent") / span;
  });
  const peak = Math.max(...rates);
  isNear("the highest rate", most, peak, peak * TOLERANCE.trafficShare + TOLERANCE.trafficBytes);
  await look(page, "machine-metrics-one");
  await page.getByRole("button", { name: "6h: last 6 hours" }).click();
  await at(page, `/machines/${id}?tab=metrics&range=6h`);
  await visible(page.getByRole("figure", { name: /^CPU: CPU (now|last) \d+%/ }));
});

scenario("one machine: each page with its one row", "technician", async ({ page }) => {
  const { id } = await world.machine();
  const api = await world.api();
  const command = await api.post(`/agents/${id}/command`, { command: "echo the only one" });
  await until("the command has ended", async () => (await api.get(`/commands/${command.id}`)).status === "completed");
  const pages = [
    { path: "/", name: "attention", says: /1\s+of 1 online/ },
    { path: "/machines", name: "machines", says: os.hostname() },
    { path: "/commands", name: "commands", says: "echo the only one" },
    { path: `/machines/${id}?tab=commands`, name: "machine-commands", says: "echo the only one" },
  ];
  for (const { path, name, says: text } of pages) {
    await page.goto(path);
    await says(page.getByRole("main"), text);
    await glance(page, `${name}-one`);
  }
  for (const tab of ["Capabilities", "Audit"]) {
    await page.getByRole("tab", { name: tab }).click();
    await visible(page.getByRole("tabpanel", { name: tab }));
    await says(page.getByRole("tabpanel", { name: tab }), tab === "Audit" ? "enrolled itself" : "Supported");
    await look(page, `machine-${tab.toLowerCase()}-one`);
  }
  await page.getByRole("tab", { name: "Overview" }).click();
  await visible(page.getByRole("button", { name: /^CPU / }));
  await page.screenshot({ path: path.join(ARTEFACTS, "machine.png"), animations: "disabled" });
});
