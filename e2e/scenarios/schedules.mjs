/** Schedules: from the form to a run that nobody has asked for. */
import assert from "node:assert/strict";
import { look } from "../harness/look.mjs";
import { at, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

scenario("a schedule runs a script by itself and says what came of it", "technician", async ({ page }) => {
  await world.machine();
  const api = await world.api();
  const main = page.getByRole("main");
  await page.goto("/schedules");
  await says(main, "No schedule yet");
  await look(page, "schedules-none");

  await api.call("PATCH", "/organisation", { scripts_need_other_person: false, time_zone: "Europe/Berlin" });
  const { approval_threshold } = await api.call("PATCH", "/organisation", { approval_threshold: null });
  assert.equal(approval_threshold, null, "the run waits for nobody");
  const version = { text: "echo by itself\n", interpreter: "sh", platforms: ["linux"] };
  const script = await api.call("POST", "/scripts", { name: "Say so", version });
  await api.call("POST", `/scripts/${script.id}/approve`, { number: 1 });

  await page.goto(`/scripts/${script.id}`);
  await main.getByRole("link", { name: "Schedule…" }).click();
  await at(page, /\/schedules\/new/);
  await main.getByRole("textbox", { name: "Name" }).fill("After the update day");
  await main.getByLabel("How often").selectOption({ label: "On one weekday of the month" });
  await main.getByLabel("Which of the month").selectOption({ label: "Second" });
  await main.getByRole("combobox", { name: "Weekday" }).selectOption({ label: "Tuesday" });
  await main.getByLabel("Runs on").selectOption({ label: "The day after" });
  await says(main, "the day after the second Tuesday");
  await look(page, "schedule-new");
  await main.getByRole("button", { name: "Save schedule" }).click();
  await at(page, /\/schedules\/[0-9a-f-]{36}$/);
  await says(main, "After the update day");
  await look(page, "schedule");
  const [made] = (await api.get("/schedules")).items;
  assert.equal(made.trigger.timing, "nth 2 tue 03:00 +1");

  // a machine that is there has its first contact of the day now
  await main.getByRole("link", { name: "Edit" }).click();
  await at(page, /\/edit$/);
  await main.getByRole("radio", { name: /First contact/ }).click();
  await main.getByRole("button", { name: "Save schedule" }).click();
  await at(page, /\/schedules\/[0-9a-f-]{36}$/);
  const run = await until("it has run", async () => (await api.get(`/command-runs?schedule_id=${made.id}`)).items[0]);
  await until("it has ended", async () => (await api.get(`/command-runs/${run.id}`)).status === "finished");
  await says(main, "Ran");
  await page.getByRole("tab", { name: "Runs" }).click();
  await visible(main.getByRole("link", { name: /Say so/ }).first());
  await look(page, "schedule-runs");
  await page.goto(`/command-runs/${run.id}`);
  await visible(main.getByRole("link", { name: "After the update day" }).first());
  await look(page, "schedule-run");

  await page.goto("/schedules");
  await visible(main.getByRole("link", { name: "After the update day" }).first());
  for (const number of [1, 2, 3]) {
    const wish = { name: `Nightly ${number}`, trigger: { kind: "cron", timing: `${number}0 2 * * *` } };
    await api.call("POST", "/schedules", { ...wish, targets: { filter: {} }, script_id: script.id });
  }
  await visible(main.getByRole("link", { name: "Nightly 3" }));
  await look(page, "schedules");

  await page.goto(`/schedules/${made.id}`);
  await main.getByRole("button", { name: "Pause" }).click();
  await says(main, "Paused");
  await look(page, "schedule-paused");
  await api.call("PATCH", "/organisation", { approval_threshold: 25 });
});
