/** Weeks and a year: machines that tell their past, rolled up by the server, and how long it is kept. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { look, lookHere } from "../harness/look.mjs";
import { simulatorProgram } from "../harness/paths.mjs";
import { start } from "../harness/processes.mjs";
import { at, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

const DAYS = 9;
const HOUR_MS = 3_600_000;
/** The server rolls up every half minute. */
const ROLLED_UP_MS = 90_000;

let told = /** @type {Promise<any> | undefined} */ (undefined);

/** A simulated machine whose past of nine days has been told and rolled up; every measurement has arrived once. */
function machineWithPast() {
  told ??= (async () => {
    const api = await world.api();
    const token = /** @type {string} */ (api.token);
    const args = ["--server", world.server.origin, "--token", token, "--agents", "2", "--ramp", "0", "--seed", "3"];
    const running = start("simulator", simulatorProgram(), [...args, "--back-fill-days", `${DAYS}`, "--duration", "1"]);
    assert.equal(await running.ended, 0, running.output());
    assert.match(running.output(), / 0 lost, 0 doubled/);
    const [row] = await api.all("/agents?sort=enrolled&order=desc");
    const from = new Date(Date.now() - (DAYS + 1) * 24 * HOUR_MS).toISOString();
    await until(
      "the past is rolled up",
      async () => {
        const { items } = await api.get(`/agents/${row.id}/history?from=${from}`);
        return items.length > (DAYS - 1) * 24;
      },
      ROLLED_UP_MS,
    );
    return row;
  })();
  return told;
}

scenario("a week and a year of a machine are charts with their lowest and highest", "technician", async ({ page }) => {
  const { id, hostname } = await machineWithPast();
  const api = await world.api();
  await page.goto(`/machines/${id}?tab=metrics`);
  await page.getByRole("button", { name: "7d: last 7 days" }).click();
  await at(page, `/machines/${id}?tab=metrics&range=7d`);
  for (const name of ["CPU", "Memory", "Disk", "Network"]) {
    await visible(page.getByRole("figure", { name: new RegExp(`^${name}: `) }));
  }
  await look(page, "machine-history-week");

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), `${hostname}-7d.csv`);
  const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n");
  assert.match(lines[0] ?? "", /^\uFEFFTime,CPU \(%\),CPU lowest \(%\),CPU highest \(%\),Memory \(%\)/);
  const from = new Date(Date.now() - 7 * 24 * HOUR_MS).toISOString();
  const { items } = await api.get(`/agents/${id}/history?from=${from}`);
  const saved = new Map(lines.slice(1).map((line) => [line.slice(0, 24), line.split(",")]));
  const middle = items[Math.floor(items.length / 2)];
  const row = saved.get(new Date(middle.begins_at).toISOString());
  const round = (/** @type {number} */ value) => `${Math.round(value * 100) / 100}`;
  const { avg, min, max } = middle.cpu_percent;
  assert.deepEqual(row?.slice(1, 4), [avg, min, max].map(round), "the file has what the server says");

  await page.getByRole("button", { name: "1y: last year" }).click();
  await visible(page.getByRole("figure", { name: /^CPU: / }));
  await look(page, "machine-history-year");
});

scenario("the table shows how busy each machine was lately", "technician", async ({ page }) => {
  const { hostname } = await machineWithPast();
  await page.goto("/machines");
  const row = page.getByRole("table", { name: "Machines" }).getByRole("row", { name: hostname });
  await visible(row.getByRole("img", { name: /^CPU of the last 3 hours: \d+% on average, \d+% at most/ }));
  await look(page, "machines-sparklines");
});

scenario("how long measurements are kept is changed and noted", "technician", async ({ page }) => {
  const api = await world.api();
  await page.goto("/settings");
  const days = page.getByRole("spinbutton", { name: "5-minute history" });
  await days.fill("1");
  await page.getByRole("button", { name: "Save retention", exact: true }).click();
  await says(page.getByRole("main"), "Between 2 and 92 days.");
  await lookHere(page, "settings-retention-refused");
  await days.fill("60");
  await page.getByRole("button", { name: "Save retention", exact: true }).click();
  await says(page.locator("body"), "Retention saved");
  assert.equal((await api.get("/history/retention")).kept.five_minutes_days, 60);
  const [event] = (await api.get("/audit-events?action=history.retention_changed")).items;
  assert.deepEqual([event.detail.before.five_minutes_days, event.detail.after.five_minutes_days], [92, 60]);
  await look(page, "settings-retention");
});
