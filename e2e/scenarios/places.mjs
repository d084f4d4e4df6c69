/** Clients, sites, keys: made, renamed, moved between, taken away. */
import assert from "node:assert/strict";
import os from "node:os";
import { glance, look, lookHere } from "../harness/look.mjs";
import { at, gone, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */

/** Opens the menu of a thing and chooses. @param {Page} page @param {string} of @param {RegExp} choice */
async function choose(page, of, choice) {
  await page
    .getByRole("main")
    .getByRole("button", { name: `Actions for ${of}` })
    .click();
  await page.getByRole("menuitem", { name: choice }).click();
}

/** @param {Page} page @param {string} button */
async function confirm(page, button) {
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("button", { name: button }).click();
  await gone(dialog);
}

/** @param {Page} page @param {string} name @param {string} submit */
async function saveName(page, name, submit) {
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  await dialog.getByRole("button", { name: submit }).click();
}

scenario("clients and sites are made, renamed and taken away", "technician", async ({ page, guard }) => {
  await page.goto("/clients");
  const main = page.getByRole("main");
  const tree = page.getByRole("navigation", { name: "Clients" });
  await page.getByRole("button", { name: "New client" }).click();
  await page.getByRole("button", { name: "Create client" }).click();
  await says(page.getByRole("alert"), "Write the name of the client.");
  await saveName(page, "Example Bakery", "Create client");
  await visible(main.getByRole("region", { name: "Example Bakery" }));
  await visible(tree.getByRole("link", { name: "Example Bakery" }));

  guard.expect(409, /^\/api\/clients$/);
  await page.getByRole("button", { name: "New client" }).click();
  await saveName(page, "Example Bakery", "Create client");
  await says(page.getByRole("dialog").getByRole("alert"), /name|taken/i);
  await glance(page, "client-form-taken");
  await page.keyboard.press("Escape");

  await choose(page, "Example Bakery", /Rename/);
  await saveName(page, "Example Bakery Group", "Save client");
  const card = main.getByRole("region", { name: "Example Bakery Group" });
  for (const site of ["North Street", "Old Mill"]) {
    await card.getByRole("button", { name: "New site for Example Bakery Group" }).click();
    await saveName(page, site, "Create site");
    await visible(card.getByRole("link", { name: site }));
  }
  await choose(page, "Old Mill", /Rename/);
  await saveName(page, "New Mill", "Save site");
  await visible(card.getByRole("link", { name: "New Mill" }));
  await choose(page, "New Mill", /Delete/);
  await confirm(page, "Delete site");
  await gone(card.getByRole("link", { name: "New Mill" }));
  await page.getByRole("button", { name: "Actions for Example Bakery Group" }).click();
  const remove = page.getByRole("menuitem", { name: /delete its sites first/ });
  assert.equal(await remove.getAttribute("aria-disabled"), "true");
  await glance(page, "client-menu");
  await page.keyboard.press("Escape");
  await choose(page, "North Street", /Delete/);
  await confirm(page, "Delete site");
  await gone(card.getByRole("link", { name: "North Street" }));
  await choose(page, "Example Bakery Group", /Delete/);
  await confirm(page, "Delete client");
  await gone(card);
  await gone(tree.getByRole("link", { name: "Example Bakery Group" }));
});

scenario("a client and a site have pages of their own, with what was done to them", "technician", async ({ page }) => {
  const api = await world.api();
  const client = await api.post("/clients", { name: "Example Optician" });
  const site = await api.post("/sites", { client_id: client.id, name: "Workshop" });
  const main = page.getByRole("main");
  await page.goto("/clients");
  await main.getByRole("link", { name: "Example Optician" }).click();
  await at(page, `/clients/${client.id}`);
  await visible(page.getByRole("heading", { name: "Example Optician", level: 1 }));
  await says(main, "No site key yet");
  await look(page, "client");
  await choose(page, "Example Optician", /Rename/);
  await saveName(page, "Example Opticians", "Save client");
  await visible(page.getByRole("heading", { name: "Example Opticians", level: 1 }));

  await main.getByRole("link", { name: "Workshop" }).click();
  await at(page, `/sites/${site.id}`);
  await says(main, "kept for ever");
  await choose(page, "Workshop", /Rename, change/);
  const form = page.getByRole("dialog", { name: "Change Workshop" });
  await form.getByLabel(/^Remove machines that have been offline/).fill("30");
  await form.getByRole("button", { name: "Save site" }).click();
  await says(main, "removed after 30 days");
  await look(page, "site");
  await main.getByRole("tab", { name: "Audit" }).click();
  await at(page, `/sites/${site.id}?tab=audit`);
  await says(main, "changed the site Workshop");
  assert.equal(await main.getByRole("button", { name: /changed the client/ }).count(), 0);
  await look(page, "site-audit");

  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search and commands" }).fill("optic");
  await visible(page.getByRole("option", { name: "Example Opticians", exact: true }));
  await glance(page, "palette-clients");
  await page.getByRole("option", { name: "Example Opticians", exact: true }).click();
  await at(page, `/clients/${client.id}`);
  await main.getByRole("tab", { name: "Audit" }).click();
  await says(main, "created the site Workshop");
  await main.getByRole("button", { name: /created the site Workshop/ }).click();
  await page.getByRole("dialog").getByRole("link", { name: "Workshop" }).click();
  await at(page, `/sites/${site.id}`);

  await choose(page, "Workshop", /Delete/);
  await confirm(page, "Delete site");
  await at(page, `/clients/${client.id}`);
  await says(main, "No site yet");
  await choose(page, "Example Opticians", /Delete/);
  await confirm(page, "Delete client");
  await at(page, "/clients");
  await gone(main.getByRole("link", { name: "Example Opticians" }));
});

scenario("a machine is renamed and moved to another site", "technician", async ({ page }) => {
  const api = await world.api();
  const { id } = await world.machine();
  const before = await api.get(`/agents/${id}`);
  const client = await api.post("/clients", { name: "Example Dental" });
  const site = await api.post("/sites", { client_id: client.id, name: "Surgery" });
  await page.goto(`/machines/${id}`);
  const main = page.getByRole("main");
  const name = `Front desk <b>"1"</b>`;
  await main.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Rename…" }).click();
  await page.getByLabel("Display name").fill(name);
  await page.getByRole("button", { name: "Save name" }).click();
  await visible(page.getByRole("heading", { name, exact: true }));

  await main.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Move to site…" }).click();
  const dialog = page.getByRole("dialog", { name: "Move to another site" });
  await dialog.getByRole("combobox", { name: "Site" }).click();
  await page.getByRole("combobox", { name: "Site" }).last().fill("Surg");
  await visible(page.getByRole("option", { name: /Surgery/ }));
  await glance(page, "site-picker");
  await page.getByRole("option", { name: /Surgery/ }).click();
  await glance(page, "machine-move");
  await dialog.getByRole("button", { name: "Move" }).click();
  await gone(dialog);
  await says(main, "Example Dental › Surgery");
  await main.getByRole("link", { name: "Surgery" }).first().click();
  await at(page, `/sites/${site.id}`);
  await main.getByRole("link", { name: "1 of 1 machine online" }).click();
  await at(page, `/machines?client_id=${client.id}&site_id=${site.id}`);
  await page.goto(`/machines/${id}`);
  await page
    .getByRole("navigation", { name: "Clients" })
    .getByRole("button", { name: "Sites of Example Dental" })
    .click();
  await visible(page.getByRole("navigation", { name: "Clients" }).getByRole("link", { name: /^Surgery 1\/1/ }));

  await api.call("PATCH", `/agents/${id}`, { site_id: before.site_id });
  await says(main, `${before.client_name} › ${before.site_name}`);
  await main.getByRole("button", { name: "Actions" }).click();
  await page.getByRole("menuitem", { name: "Rename…" }).click();
  await page.getByLabel("Display name").fill("");
  await page.getByRole("button", { name: "Save name" }).click();
  await visible(page.getByRole("heading", { name: os.hostname(), exact: true }));
  await api.call("DELETE", `/sites/${site.id}`);
  await api.call("DELETE", `/clients/${client.id}`);
});

scenario("a site key is shown once, used, changed, made anew, and revoked", "technician", async ({ page }) => {
  const api = await world.api();
  const { items: sites } = await api.get("/sites?limit=1");
  const expires_at = new Date(Date.now() + 5000).toISOString();
  const short = await api.post("/site-keys", { site_id: sites[0].id, name: "Short-lived", expires_at });
  await page.goto("/site-keys");
  await page.getByRole("button", { name: "New site key" }).click();
  const form = page.getByRole("dialog", { name: "New site key" });
  await form.getByRole("button", { name: "Create key" }).click();
  await until("site and name are wanted", async () => (await form.getByRole("alert").count()) === 2);
  await glance(page, "site-key-form-errors");
  await form.getByLabel("Name of the key").fill("Roll-out");
  await form.getByLabel("Good for").selectOption("10 machines");
  await form.getByLabel("Site", { exact: true }).click();
  await page.getByRole("option").first().click();
  await form.getByRole("button", { name: "Create key" }).click();
  const shown = page.getByRole("dialog", { name: "The new site key" });
  const key = (await says(shown.getByRole("region", { name: "Site key" }), /^grmm_site_\S+\s*$/)).trim();
  await glance(page, "site-key-created");
  await shown.getByRole("button", { name: "I have copied it" }).click();
  await gone(shown);

  const row = page.getByRole("row", { name: /Roll-out/ });
  await says(row, "0 of 10");
  assert.ok(!(await page.content()).includes(key), "the key is shown only once");
  await page.reload();
  await says(row, "Active");
  assert.ok(!(await page.content()).includes(key), "the key is shown only once");
  const facts = { hostname: "rolled-out", os: /** @type {const} */ ("linux"), os_name: "Debian", os_version: "12" };
  const { agent_id } = await api.enrollRow(key, facts);
  await page.reload();
  await says(row, "1 of 10");
  await row.getByRole("button", { name: "Change Roll-out" }).click();
  const change = page.getByRole("dialog", { name: "Change Roll-out" });
  await change.getByLabel("Good for how many machines").fill("1");
  await says(change, "1 has joined with it");
  await glance(page, "site-key-change");
  await change.getByRole("button", { name: "Save key" }).click();
  await gone(change);
  await says(row, "Used up");
  await row.getByRole("button", { name: "Change Roll-out" }).click();
  await change.getByLabel("Good for how many machines").fill("3");
  await change.getByRole("button", { name: "Save key" }).click();
  await says(row, "1 of 3");

  await choose(page, "Roll-out", /Make anew/);
  await glance(page, "site-key-anew");
  await confirm(page, "Make anew");
  const second = (await says(shown.getByRole("region", { name: "Site key" }), /^grmm_site_\S+\s*$/)).trim();
  assert.notEqual(second, key);
  await shown.getByRole("button", { name: "I have copied it" }).click();
  await gone(shown);
  await assert.rejects(api.enrollRow(key, facts), { status: 403 });
  const { agent_id: later } = await api.enrollRow(second, { ...facts, hostname: "rolled-out-later" });
  await says(row, "2 of 3");
  await page.getByRole("button", { name: "Actions for Roll-out" }).click();
  await lookHere(page, "site-key-menu");
  await page.getByRole("menuitem", { name: "Machines enrolled with it" }).click();
  await visible(page.getByRole("link", { name: "rolled-out", exact: true }));
  await visible(page.getByRole("link", { name: "rolled-out-later", exact: true }));
  await says(page.getByRole("main"), "2 machines");
  const chip = page.getByRole("button", { name: "Remove the filter: Enrolled with Roll-out" });
  await visible(chip);
  await look(page, "machines-of-key");
  await chip.click();
  await at(page, "/machines");
  await page.goto("/site-keys");

  await choose(page, "Roll-out", /Revoke/);
  await confirm(page, "Revoke key");
  await says(row, "Revoked");
  await assert.rejects(api.enrollRow(second, facts), { status: 403, code: "site_key_revoked" });
  await api.call("DELETE", `/agents/${later}`);
  await api.call("DELETE", `/agents/${agent_id}`);
  const expired = page.getByRole("row", { name: /Short-lived/ });
  await until("the short-lived key has expired", async () => {
    await page.reload();
    return (await expired.innerText({ timeout: 5000 })).includes("Expired");
  });
  await assert.rejects(api.enrollRow(short.key, facts), { status: 403, code: "site_key_expired" });
  await look(page, "site-keys-many");
  await page.goto("/audit?action=site_key.revoked");
  await at(page, "/audit?action=site_key.revoked");
  await says(page.getByRole("main"), "Roll-out");
});
