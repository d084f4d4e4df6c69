/** A machine that needs approval: it waits, is let in, is quarantined and released. */
import os from "node:os";
import { TestAgent } from "../harness/agent.mjs";
import { counts } from "../harness/fleet-table.mjs";
import { glance, look } from "../harness/look.mjs";
import { at, gone, says, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** A site of its own: other scenarios count the machines of theirs. */
async function makeSite() {
  const api = await world.api();
  const client = await api.post("/clients", { name: "Example Clinic" });
  return api.post("/sites", { client_id: client.id, name: "Reception" });
}

/** Answers the question that is asked. @param {Page} page @param {RegExp} question @param {string} button */
async function answer(page, question, button) {
  const dialog = page.getByRole("dialog", { name: question });
  await dialog.getByRole("button", { name: button, exact: true }).click();
  await gone(dialog);
}

/** Makes a key with which machines wait, and returns it. @param {Page} page @param {string} siteId */
async function makeKey(page, siteId) {
  await page.goto(`/site-keys?site_id=${siteId}`);
  await page.getByRole("button", { name: "New site key" }).click();
  const form = page.getByRole("dialog", { name: "New site key" });
  await form.getByLabel("Name of the key").fill("Careful");
  await form.getByRole("checkbox", { name: /Machines wait until somebody lets them in/ }).click();
  await glance(page, "site-key-approval");
  await form.getByRole("button", { name: "Create key" }).click();
  const shown = page.getByRole("dialog", { name: "The new site key" });
  const key = (await says(shown.getByRole("region", { name: "Site key" }), /^grmm_site_\S+\s*$/)).trim();
  await shown.getByRole("button", { name: "I have copied it" }).click();
  await says(page.getByRole("row", { name: /Careful/ }), "Needed");
  return key;
}

scenario("a machine waits, is let in, is quarantined and released", "technician", async ({ page }) => {
  const site = await makeSite();
  const key = await makeKey(page, site.id);
  const main = page.getByRole("main");
  await page.getByRole("link", { name: "Enrolment", exact: true }).last().click();
  await says(main, "No machine waits to be let in");
  await look(page, "enrolment-empty");

  const agent = new TestAgent("careful-agent");
  try {
    await agent.enroll(world.server.origin, key);
    agent.start();
    const row = main.getByRole("row", { name: new RegExp(os.hostname()) });
    await visible(row.getByRole("button", { name: `Approve ${os.hostname()}` }));
    await visible(row.getByRole("link", { name: "Careful" }));
    await look(page, "enrolment-waiting");
    await row.getByRole("link", { name: os.hostname() }).click();
    const banner = main.getByRole("region", { name: "State", exact: true });
    await says(banner, "It waits to be let in");
    await glance(page, "machine-waiting");
    await page.goBack();

    await row.getByRole("button", { name: `Approve ${os.hostname()}` }).click();
    await glance(page, "enrolment-approve");
    await answer(page, /^Approve /, "Approve");
    await gone(row);
    await page.goto(`/machines?site_id=${site.id}`);
    const listed = main.getByRole("row", { name: new RegExp(os.hostname()) });
    await says(listed, "Online");

    await listed.getByRole("link", { name: os.hostname() }).click();
    await says(main, /online since/);
    await page.getByRole("main").getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: "Quarantine…" }).click();
    await page.getByRole("dialog").getByLabel("Reason").fill("It behaves oddly");
    await glance(page, "machine-quarantine");
    await answer(page, /^Quarantine /, "Quarantine");
    await says(banner, "Reason: It behaves oddly");
    await visible(main.getByText("Quarantined", { exact: true }));
    await look(page, "machine-quarantined");

    await says(main, "Careful");
    await page.goto(`/machines?site_id=${site.id}`);
    const filter = main.getByRole("combobox", { name: "State" });
    await filter.selectOption("Waiting");
    await says(main, "Nothing matches");
    await filter.selectOption("Quarantined");
    await at(page, `/machines?site_id=${site.id}&state=quarantined`);
    await counts(page, 1);
    await look(page, "machines-quarantined");

    await page.goto(`/enrolment?site_id=${site.id}&tab=held`);
    await says(row, "It behaves oddly");
    await look(page, "enrolment-held");
    await row.getByRole("button", { name: `Release ${os.hostname()}` }).click();
    await answer(page, /^Release /, "Release");
    await gone(row);
    await page.goto(`/machines?site_id=${site.id}`);
    await says(listed, "Online");
    for (const tab of ["findings", "failed", "history"]) {
      await page.goto(`/enrolment?site_id=${site.id}&tab=${tab}`);
      await visible(page.getByRole("tab", { selected: true }));
      await glance(page, `enrolment-${tab}`);
    }
    await says(main, /quarantine/i);
    await says(main, "created the site key Careful");
  } finally {
    await agent.stop();
    const api = await world.api();
    for (const { id } of await api.all(`/agents?site_id=${site.id}`)) await api.call("DELETE", `/agents/${id}`);
  }
});
