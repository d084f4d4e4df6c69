/** What was done and what was refused: told, sealed, narrowed, opened, saved. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { glance, look } from "../harness/look.mjs";
import { at, says, until, visible } from "../harness/wait.mjs";
import { ADMIN, scenario, world } from "../harness/world.mjs";

scenario("what was done is told as it was, and what was refused too", "technician", async ({ page }) => {
  const api = await world.api();
  const client = await api.post("/clients", { name: "Example =Before" });
  await api.call("PATCH", `/clients/${client.id}`, { name: "Example After" });
  const wrong = await fetch(`${world.server.origin}/api/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: ADMIN.email, password: "three loud words fail" }),
  });
  assert.equal(wrong.status, 401);

  await page.goto("/audit");
  const main = page.getByRole("main");
  await says(main, /Sealed up to/);
  await page.getByRole("combobox", { name: "Outcome" }).selectOption("refused");
  await at(page, "/audit?outcome=refused");
  await visible(main.getByRole("button", { name: `Somebody gave a wrong password for ${ADMIN.name}` }).first());
  await look(page, "audit-refused");

  await page.goto("/audit?action=client.updated");
  const sentence = `${ADMIN.name} changed the client Example After: name Example =Before → Example After`;
  await main.getByRole("button", { name: sentence }).click();
  const dialog = page.getByRole("dialog", { name: "Client updated" });
  await visible(dialog.getByRole("row", { name: "Name Example =Before Example After" }));
  await glance(page, "audit-changes");
  await dialog.getByRole("link", { name: "All that was done to this" }).click();
  await at(page, `/audit?target_id=${client.id}`);
  await until("the client's two events are shown", async () => {
    return (await main.getByRole("button", { name: /the client Example/ }).count()) === 2;
  });
  await visible(page.getByRole("button", { name: "Remove the filter: Done to Example After" }));
  await look(page, "audit-narrowed");

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as…" }).click();
  await glance(page, "audit-save");
  await page.getByRole("menuitem", { name: /CSV/ }).click();
  const file = await download;
  assert.match(file.suggestedFilename(), /^audit-\d{4}-\d{2}-\d{2}\.csv$/);
  const lines = (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n");
  assert.match(lines[0] ?? "", /^\uFEFFTime,Summary,Outcome,Action,/);
  assert.equal(lines.length, 3, "what is shown, and nothing else");
  assert.match(lines[2] ?? "", /Example =Before/);
  await api.call("DELETE", `/clients/${client.id}`);
});

scenario("how long the audit log is kept is changed and noted", "technician", async ({ page }) => {
  const api = await world.api();
  await page.goto("/settings");
  const days = page.getByLabel("Days", { exact: true });
  await days.fill("10");
  const save = page.getByRole("button", { name: "Save retention of the audit log" });
  await save.click();
  await says(page.getByRole("main"), "Between 90 and 4000");
  await days.fill("365");
  await save.click();
  await until("it is saved", async () => (await api.get("/audit-retention")).days === 365);
  await glance(page, "settings-audit");
  await page.goto("/audit?action=audit.retention_changed");
  await says(page.getByRole("main"), "changed for how long the audit log is kept: days nothing → 365");
  await api.call("PATCH", "/audit-retention", { days: null });
});
