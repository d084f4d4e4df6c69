/** The organisations of a server, as an operator of it meets them, and what the people in them see of that. */
import assert from "node:assert/strict";
import { Guard } from "../harness/guard.mjs";
import { glance, look } from "../harness/look.mjs";
import { at, gone, says, visible } from "../harness/wait.mjs";
import { ADMIN, scenario, world } from "../harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

const OWNER = { name: "Owner of Another", email: "owner@example.com", password: "five calm words do suffice" };

scenario("an operator makes an organisation, limits, suspends and resumes it", "technician", async ({ page }) => {
  await page.goto("/platform");
  await says(page.getByRole("main"), "This page is for operators");
  await glance(page, "platform-refused");
  await world.server.console("user", "operator", ADMIN.email);
  await page.goto("/settings");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Platform" }).click();
  await says(page.getByRole("main"), /Operators see nothing in an organisation/);

  await page.getByRole("button", { name: "New organisation" }).click();
  const dialog = page.getByRole("dialog", { name: "New organisation" });
  await dialog.getByLabel("Name", { exact: true }).fill("Example Provider");
  await dialog.getByLabel("E-mail of its first owner").fill(OWNER.email);
  await dialog.getByLabel("People").fill("1");
  await glance(page, "platform-new");
  await dialog.getByRole("button", { name: "Create organisation" }).click();
  const shown = page.getByRole("dialog", { name: "The link of the first owner" });
  const link = (await says(shown.getByRole("region", { name: "Link" }), /\/join#token=\S+\s*$/)).trim();
  await glance(page, "platform-link");
  await shown.getByRole("button", { name: "I have copied it" }).click();
  await gone(shown);
  assert.ok(!(await page.content()).includes(link), "the link is shown only once");
  const row = page.getByRole("row", { name: /^Example Provider/ });
  await says(row, "0 of 1");

  const context = await world.stranger();
  const guard = new Guard(context, world.server.origin);
  try {
    const owner = await context.newPage();
    // before the account is made nobody is logged in, and nobody while the organisation is suspended
    guard.expect(401, /^\/api\//);
    await joins(owner, link);
    await seesItsLimits(owner);
    await changes(page);
    await at(owner, /^\/login/);
    await says(row, "Suspended");
    await look(page, "platform");
    await page.getByRole("button", { name: "Resume Example Provider Group" }).click();
    await says(row, "Active");
    guard.check();
  } finally {
    await context.close();
  }
});

/** @param {Page} owner @param {string} link */
async function joins(owner, link) {
  await owner.goto(link);
  await visible(owner.getByRole("heading", { name: "Join Example Provider" }));
  await owner.getByLabel("Your name").fill(OWNER.name);
  await owner.getByLabel("Password", { exact: true }).fill(OWNER.password);
  await owner.getByLabel("Repeat password").fill(OWNER.password);
  await owner.getByRole("button", { name: "Create account and join" }).click();
  await visible(owner.getByRole("heading", { name: "Attention" }));
}

/** @param {Page} owner */
async function seesItsLimits(owner) {
  await owner.goto("/settings");
  const panel = owner.getByRole("main");
  await says(panel, "1 of 1");
  await says(panel, "Nobody else can join.");
  await owner.getByLabel("Name of the organisation").fill("Example Provider Group");
  await owner.getByRole("button", { name: "Save name" }).click();
  await says(owner.getByRole("link", { name: /^Your account/ }).first(), "Example Provider Group");
  await look(owner, "settings-full");
  assert.equal(await owner.getByRole("link", { name: "Platform" }).count(), 0);
}

/** @param {Page} page */
async function changes(page) {
  await page.reload();
  await page.getByRole("button", { name: "Limits of Example Provider Group" }).click();
  const dialog = page.getByRole("dialog", { name: "Limits of Example Provider Group" });
  await dialog.getByLabel("People").fill("0");
  await dialog.getByRole("button", { name: "Save limits" }).click();
  await says(dialog.getByRole("alert"), /Between 1 and/);
  await glance(page, "platform-limits");
  await dialog.getByLabel("People").fill("20");
  await dialog.getByLabel("Machines").fill("100");
  await dialog.getByRole("button", { name: "Save limits" }).click();
  await gone(dialog);
  const row = page.getByRole("row", { name: /^Example Provider Group/ });
  await says(row, "0 of 100");
  await says(row, "1 of 20");
  await page.getByRole("button", { name: "Suspend Example Provider Group" }).click();
  const question = page.getByRole("alertdialog");
  await glance(page, "platform-suspend");
  await question.getByRole("button", { name: "Suspend" }).click();
  await gone(question);
}
