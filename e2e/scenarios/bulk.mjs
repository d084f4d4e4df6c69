/** Many machines at once: moved, kept, deleted. */
import assert from "node:assert/strict";
import { enrolRows } from "../harness/crowd.mjs";
import { counts, table } from "../harness/fleet-table.mjs";
import { glance } from "../harness/look.mjs";
import { gone, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

scenario("many machines are moved and deleted at once", "technician", async ({ page }) => {
  const api = await world.api();
  const client = await api.post("/clients", { name: "Example Builders" });
  const [yard] = await Promise.all(
    ["Yard", "Depot"].map((name) => api.post("/sites", { client_id: client.id, name: `Builders' ${name}` })),
  );
  await enrolRows(yard.id, "Yard", "builders", 12);
  await page.goto("/machines?search=builders-");
  await counts(page, 12);
  const all = page.getByRole("checkbox", { name: "Select all loaded rows" });
  const bar = page.getByRole("region", { name: "Selected machines" });
  await all.click();
  await says(bar, "12 machines selected");
  await bar.getByRole("button", { name: "Move to site…" }).click();
  const move = page.getByRole("dialog", { name: "Move 12 machines to another site" });
  await move.getByRole("combobox", { name: "Site" }).click();
  await page.getByRole("combobox", { name: "Site" }).last().fill("Depot");
  await page.getByRole("option", { name: /Builders' Depot/ }).click();
  await glance(page, "machines-move");
  await move.getByRole("button", { name: "Move", exact: true }).click();
  await gone(move);
  await gone(bar);
  await until("every row shows the new site", async () => {
    const sites = await table(page).getByRole("cell", { name: "Builders' Depot", exact: true }).count();
    return sites === 12;
  });
  const moved = await api.all("/agents?search=builders-");
  assert.ok(moved.every((row) => row.site_name === "Builders' Depot"));

  await all.click();
  await page.getByRole("checkbox", { name: "Select builders-001" }).click();
  await says(bar, "11 machines selected");
  await bar.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  const confirm = page.getByRole("alertdialog");
  await says(confirm, "builders-012");
  await glance(page, "machines-delete");
  await confirm.getByRole("button", { name: "Keep" }).click();
  await gone(confirm);
  await counts(page, 12);
  await bar.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await confirm.getByRole("button", { name: "Delete 11 machines" }).click();
  await counts(page, 1);
  await visible(page.getByRole("link", { name: "builders-001" }));
  const { items } = await api.get("/agents?search=builders-");
  assert.deepEqual(
    items.map((/** @type {any} */ row) => row.hostname),
    ["builders-001"],
  );
  await api.call("DELETE", `/agents/${items[0].id}`);
  await says(page.getByRole("main"), "Nothing matches");
});
