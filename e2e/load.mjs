/**
 * The fleet page while thousands of machines are alive: how soon it can be used, what a batch of changes costs the browser, and whether
 * its memory stays. Prints what docs/PERFORMANCE.md has. `make load`; some minutes longer than it watches.
 */
import { writeSync } from "node:fs";
import { simulatorProgram } from "./harness/paths.mjs";
import { start } from "./harness/processes.mjs";
import { until, visible } from "./harness/wait.mjs";
import { world } from "./harness/world.mjs";

const AGENTS = Number(process.env.GURURMM_LOAD_AGENTS ?? 10_000);
const MINUTES = Number(process.env.GURURMM_LOAD_MINUTES ?? 10);
/** The page applies what has changed so often at most. */
const BATCH_MS = 250;
const ARRIVAL_MS = 300_000;

const say = (/** @type {string} */ text) => writeSync(1, `${text}\n`);

async function fleet() {
  const api = await world.api();
  const args = ["--server", world.server.origin, "--token", `${api.token}`, "--agents", `${AGENTS}`];
  start("load", simulatorProgram(), [...args, "--ramp", "20", "--metrics-interval", "60"]);
  await until("all machines are online", async () => (await api.get("/agents/summary")).online >= AGENTS, ARRIVAL_MS);
}

/** Notes when the first machine is shown, and tasks during which the page answers nobody. */
function watchLoading() {
  const seen = { firstRowAt: 0, longTasks: /** @type {[number, number][]} */ ([]) };
  Object.assign(window, { seen });
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.longTasks.push([task.startTime, task.duration]);
  }).observe({ type: "longtask", buffered: true });
  const look = () => {
    if (document.querySelector("[role=row] a[href^='/machines/'], tbody a[href^='/machines/']")) {
      seen.firstRowAt = performance.now();
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** @param {import("playwright-core").CDPSession} cdp */
async function figures(cdp) {
  await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  const of = (/** @type {string} */ name) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return {
    heap: of("JSHeapUsedSize") / 1e6,
    script: of("ScriptDuration"),
    task: of("TaskDuration"),
    nodes: of("Nodes"),
  };
}

async function main() {
  await world.start();
  await fleet();
  const { context } = await world.technician();
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable");
  await cdp.send("HeapProfiler.enable");
  await page.addInitScript(watchLoading);
  /** @type {number[]} */
  const ready = [];
  for (let round = 0; round < 3; round += 1) {
    await page.goto("/machines");
    await visible(page.getByRole("table", { name: "Machines" }));
    const seen = await until("a row", () => page.evaluate(() => (window.seen.firstRowAt ? window.seen : undefined)));
    const busy = seen.longTasks.filter(([at]) => at < seen.firstRowAt + 1000).map(([at, took]) => at + took);
    ready.push(Math.max(seen.firstRowAt, ...busy));
  }
  say(`fleet page interactive after ${ready.map(Math.round).sort((a, b) => a - b)[1]} ms (median of 3)`);

  let before = await figures(cdp);
  say(`minute 0: heap ${before.heap.toFixed(1)} MB, ${before.nodes} nodes`);
  for (let minute = 1; minute <= MINUTES; minute += 1) {
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    const now = await figures(cdp);
    const batches = 60_000 / BATCH_MS;
    const perBatch = (/** @type {"script" | "task"} */ what) =>
      (((now[what] - before[what]) * 1000) / batches).toFixed(2);
    say(
      `minute ${minute}: heap ${now.heap.toFixed(1)} MB, ${now.nodes} nodes, for each batch ${perBatch("script")} ms of script, ${perBatch("task")} ms of all work`,
    );
    before = now;
  }
  await world.stop();
}

await main();
process.exit(0);
