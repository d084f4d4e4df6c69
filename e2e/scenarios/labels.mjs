/** What people add to machines: tags and fields, as filters, columns and views. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { enrolRows } from "../harness/crowd.mjs";
import { counts } from "../harness/fleet-table.mjs";
import { glance, look, lookHere } from "../harness/look.mjs";
import { at, gone, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

scenario("a field is made, machines are tagged, and both find them again", "technician", async ({ page }) => {
  const api = await world.api();
  const client = await api.post("/clients", { name: "Example Studio" });
  const site = await api.post("/sites", { client_id: client.id, name: "Cutting room" });
  await enrolRows(site.id, "Cutting room", "studio", 3);

  await page.goto("/settings");
  const main = page.getByRole("main");
  await says(main, "Add what the agents cannot know");
  await glance(page, "settings-no-fields");
  await page.getByRole("button", { name: "Add a field" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Support level");
  await dialog.getByRole("combobox", { name: "Kind" }).selectOption("Choice");
  await dialog.getByRole("textbox", { name: "Choices" }).fill("Gold\nSilver");
  await glance(page, "settings-add-field");
  await dialog.getByRole("button", { name: "Add field" }).click();
  await says(main, "Choice · Gold, Silver · filled in nowhere yet");
  await look(page, "settings-fields");

  await page.goto("/machines?search=studio-");
  await counts(page, 3);
  await page.getByRole("checkbox", { name: "Select all loaded rows" }).click();
  const bar = page.getByRole("region", { name: "Selected machines" });
  await bar.getByRole("button", { name: "Add tags…" }).click();
  await dialog.getByRole("combobox", { name: "Tags" }).fill("Render farm");
  await page.keyboard.press("Enter");
  await dialog.getByRole("combobox", { name: "Tags" }).fill("leased");
  await glance(page, "machines-add-tags");
  await dialog.getByRole("button", { name: "Add tags" }).click();
  await gone(dialog);
  await gone(bar);

  const levels = async () =>
    (await api.all("/agents?search=studio-")).flatMap((row) => Object.values(row.custom_fields)).join(" ");
  for (const [choice, level] of /** @type {const} */ ([
    ["Set", "Silver"],
    ["Clear", ""],
  ])) {
    await page.getByRole("checkbox", { name: "Select all loaded rows" }).click();
    await bar.getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: "Set field…" }).click();
    await dialog.getByRole("combobox", { name: "Field" }).selectOption("Support level");
    await dialog.getByRole("radio", { name: new RegExp(`^${choice}`) }).click();
    if (level) await dialog.getByRole("combobox", { name: "Support level" }).selectOption(level);
    await glance(page, `machines-${choice.toLowerCase()}-field`);
    await dialog.getByRole("button", { name: `${choice} the value` }).click();
    await gone(dialog);
    await gone(bar);
    assert.equal(await levels(), level && [level, level, level].join(" "));
  }

  await page.goto("/machines");
  await page.getByRole("combobox", { name: "Tag" }).click();
  await page.getByRole("option", { name: /^Render farm/ }).click();
  await at(page, "/machines?tag=Render+farm");
  await counts(page, 3);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Tags" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Support level" }).click();
  await page.keyboard.press("Escape");
  await visible(page.getByRole("columnheader", { name: "Support level" }));
  await look(page, "machines-tagged");

  await page.getByRole("link", { name: "studio-002" }).click();
  await page.getByRole("button", { name: "Edit tags and fields" }).click();
  await dialog.getByRole("combobox", { name: "Support level" }).selectOption("Gold");
  await dialog.getByRole("button", { name: "Remove the tag leased" }).press("Enter");
  await glance(page, "machine-edit-labels");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await gone(dialog);
  const gold = main.getByRole("link", { name: "Gold", exact: true });
  await visible(gold);
  await look(page, "machine-labels");
  await gold.click();
  await counts(page, 1);
  await visible(page.getByRole("button", { name: "Remove the filter: Support level: Gold" }));
});

scenario("a view with tags and fields is shared, and saved as CSV", "technician", async ({ page }) => {
  const api = await world.api();
  await page.goto("/machines?search=studio-&tag=Render%20farm");
  await counts(page, 3);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Tags" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Support level" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save this view…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name of the view" }).fill("Studio");
  await dialog.getByRole("checkbox", { name: /^Share it/ }).click();
  await glance(page, "machines-save-view");
  await dialog.getByRole("button", { name: "Save view" }).click();
  await gone(dialog);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Manage views…" }).click();
  await says(dialog, "yours, shared with everybody");
  await glance(page, "machines-manage-views");
  await dialog.getByRole("button", { name: "Rename Studio" }).click();
  const name = dialog.getByRole("textbox", { name: "New name of Studio" });
  await name.fill(" ");
  await dialog.getByRole("button", { name: "Save name" }).click();
  await says(dialog.getByRole("alert"), "Write a name.");
  await glance(page, "machines-rename-view");
  await name.fill("Studio machines");
  await name.press("Enter");
  await says(dialog, "Studio machines");
  await visible(dialog.getByRole("button", { name: "Rename Studio machines" }));
  await dialog.getByRole("button", { name: "Close" }).click();
  await gone(dialog);

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const lines = (await readFile(await (await download).path(), "utf8")).trim().split("\r\n");
  assert.match(lines[0] ?? "", /,Site,Tags,Support level,System,/);
  assert.equal(lines.length, 4);
  assert.ok(
    lines.some((line) => line.startsWith("studio-002,") && line.includes(",Render farm,Gold,")),
    lines.join("\n"),
  );

  await page.goto("/settings");
  await page.getByRole("button", { name: "Delete Support level" }).click();
  const confirm = page.getByRole("alertdialog");
  await says(confirm, "What it says of 1 machine is deleted with it");
  await lookHere(page, "settings-delete-field");
  await confirm.getByRole("button", { name: "Delete field" }).click();
  await gone(confirm);
  await page.goto("/machines?tag=render%20farm");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Studio machines" }).click();
  await at(page, "/machines?search=studio-&tag=Render+farm");
  await gone(page.getByRole("columnheader", { name: "Support level" }));
  for (const { id } of await api.all("/agents?search=studio-")) await api.call("DELETE", `/agents/${id}`);
  await until("the tag is gone", async () => (await api.get("/tags")).items.length === 0);
});
