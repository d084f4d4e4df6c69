/** The library of scripts: from the starter set to a run on a machine. */
import assert from "node:assert/strict";
import { look } from "../harness/look.mjs";
import { at, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

scenario("a script of the starter set is approved and runs on a machine", "technician", async ({ page }) => {
  const { id } = await world.machine();
  const api = await world.api();
  const main = page.getByRole("main");
  await page.goto("/scripts");
  await says(main, "No script yet");
  await look(page, "scripts-none");
  await main.getByRole("button", { name: /starter set/i }).click();
  await visible(main.getByRole("link", { name: "Uptime, load and clock" }).first());
  await look(page, "scripts");

  await api.call("PATCH", "/organisation", { scripts_need_other_person: false });
  await main.getByRole("link", { name: "Uptime, load and clock" }).first().click();
  await at(page, /\/scripts\/[0-9a-f-]+/);
  await until("the editor has the text", async () =>
    (await main.locator(".cm-content").first().innerText()).includes("PARAM_"),
  );
  await look(page, "script-editor");
  await page.getByRole("tab", { name: "Versions" }).click();
  await main.getByRole("button", { name: "Approve version 1" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Approve version 1" }).click();
  await says(main, "version 1 runs");
  await look(page, "script-versions");

  await page.goto(`/machines/${id}`);
  await main.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Run a script…" }).click();
  const dialog = page.getByRole("dialog", { name: "Run a script" });
  await dialog.getByRole("combobox", { name: "Script" }).click();
  await page.getByRole("option", { name: /^Uptime, load and clock/ }).click();
  const send = dialog.getByRole("button", { name: /^Run/ });
  await visible(send);
  await look(page, "script-run");
  await send.click();
  await at(page, /\/command-runs\//);
  await says(main, "Uptime, load and clock");
  const runs = await api.get("/command-runs?limit=1");
  const path = `/commands?run_id=${runs.items[0].id}`;
  const ended = await until("it has ended", async () =>
    (await api.get(path)).items.find((/** @type {any} */ command) => command.finished_at),
  );
  assert.ok([0, 1].includes(ended.exit_code), JSON.stringify(ended));
  await says(page.getByRole("list", { name: "Where the machines stand" }), /1\s*(ok|failed)/i);
  await look(page, "script-ran");
  await page.goto(`/scripts/${runs.items[0].script_id}`);
  await page.getByRole("tab", { name: "Runs" }).click();
  await visible(main.getByRole("row", { name: /1 \/ 1/ }));
  await look(page, "script-runs");
});
