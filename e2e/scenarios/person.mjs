/** The person at the screen: without a mouse, with a taste in colours, with a session that ends. */
import assert from "node:assert/strict";
import os from "node:os";
import { Api } from "../harness/api.mjs";
import { parts } from "../harness/command-form.mjs";
import { fleet } from "../harness/crowd.mjs";
import { counts, names, table } from "../harness/fleet-table.mjs";
import { glance } from "../harness/look.mjs";
import { outputOf } from "../harness/machine.mjs";
import { at, gone, says, until, visible } from "../harness/wait.mjs";
import { ADMIN, scenario, world } from "../harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** Presses Tab until this has the focus. @param {Page} page @param {import("playwright-core").Locator} target */
async function tabTo(page, target) {
  await visible(target);
  for (let presses = 0; presses < 80; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach ${target}`);
}

scenario("from the login to a command without a mouse", "stranger", async ({ page, guard }) => {
  const { id } = await world.machine();
  guard.expect(401, /^\/api\/auth\/me$/);
  await page.goto("/");
  await tabTo(page, page.getByLabel("E-mail"));
  await page.keyboard.type(ADMIN.email);
  await tabTo(page, page.getByLabel("Password"));
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press("Enter");
  await visible(page.getByRole("heading", { name: "Attention" }));

  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Search and commands" });
  await visible(palette);
  await page.keyboard.type(os.hostname());
  await visible(palette.getByRole("option", { name: new RegExp(`^${os.hostname()}\\b.*Online`, "s") }));
  await glance(page, "palette");
  await page.keyboard.press("Enter");
  await at(page, `/machines/${id}`);
  await tabTo(page, page.getByRole("tab", { name: "Overview" }));
  await page.keyboard.press("ArrowRight");
  await at(page, `/machines/${id}?tab=metrics`);
  await page.keyboard.press("ArrowRight");
  await at(page, `/machines/${id}?tab=commands`);
  await tabTo(page, page.getByRole("textbox", { name: "Command", exact: true }));
  await page.keyboard.type("uname -s -r");
  await page.keyboard.press("Control+Enter");
  await says(parts(page).state, "Completed");
  await says(parts(page).stdout, await outputOf("uname", "-s", "-r"));
});

scenario("the fleet table without a mouse", "technician", async ({ page }) => {
  await fleet();
  await page.goto("/machines?search=airport-00");
  await counts(page, 9);
  const link = (/** @type {string} */ name) => table(page).getByRole("link", { name, exact: true });
  const hasFocus = (/** @type {import("playwright-core").Locator} */ target) =>
    until(`${target} has the focus`, () => target.evaluate((element) => element === document.activeElement));
  await tabTo(page, page.getByRole("columnheader", { name: "Name" }).getByRole("button"));
  await page.keyboard.press("Enter");
  await until("the order is turned round", async () => (await names(page))[0] === "airport-009");
  await tabTo(page, page.getByRole("checkbox", { name: "Select airport-009" }));
  await page.keyboard.press("Space");
  const bar = page.getByRole("region", { name: "Selected machines" });
  await says(bar, "1 machine selected");
  await tabTo(page, link("airport-009"));
  await page.keyboard.press("ArrowDown");
  await hasFocus(link("airport-008"));
  await page.keyboard.press("ArrowUp");
  await hasFocus(link("airport-009"));

  const opener = bar.getByRole("button", { name: "Run a command…" });
  await tabTo(page, opener);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Run a command" });
  await hasFocus(dialog.getByRole("textbox", { name: "Command", exact: true }));
  await page.keyboard.press("Escape");
  await gone(dialog);
  await hasFocus(opener);
  await tabTo(page, link("airport-007"));
  await page.keyboard.press("Enter");
  await visible(page.getByRole("heading", { name: "airport-007", exact: true }));
});

scenario("the palette reaches every page and every action", "technician", async ({ page }) => {
  await page.goto("/");
  await visible(page.getByRole("heading", { name: "Attention" }));
  const palette = page.getByRole("dialog", { name: "Search and commands" });
  const linked = await page.getByRole("navigation", { name: "Main" }).getByRole("link").allInnerTexts();
  await page.keyboard.press("Control+k");
  await visible(palette);
  const offered = await palette.getByRole("option").allInnerTexts();
  for (const name of linked) assert.ok(offered.includes(name), `the palette offers ${name}`);
  await page.keyboard.type("nothing like this");
  await says(palette, "Nothing has this name.");
  await page.keyboard.press("Escape");
  await gone(palette);
  for (const [words, path] of [
    ["site k", "/site-keys"],
    ["audi", "/audit"],
    ["settings", "/settings"],
  ]) {
    await page.keyboard.press("Control+k");
    await visible(palette);
    await page.keyboard.type(words ?? "");
    await until("the page is offered", async () => (await palette.getByRole("option").count()) === 1);
    await page.keyboard.press("Enter");
    await at(page, path ?? "");
  }
  await page.keyboard.press("Control+k");
  await visible(palette);
  await page.keyboard.type("add a mach");
  await until("the action is offered", async () => (await palette.getByRole("option").count()) === 1);
  await page.keyboard.press("Enter");
  await visible(page.getByRole("dialog", { name: "Add a machine" }));
});

scenario("the theme is chosen and kept", "technician", async ({ page }) => {
  await page.goto("/settings");
  const isDark = () => page.evaluate(() => document.documentElement.classList.contains("dark"));
  assert.equal(await isDark(), false, "the system is light");
  await page.getByRole("radio", { name: "Dark" }).click();
  await until("the page is dark", isDark);
  await page.reload();
  await until("the page is still dark", isDark);
  assert.equal(await page.getByRole("radio", { name: "Dark" }).getAttribute("aria-checked"), "true");
  await page.getByRole("radio", { name: "System" }).click();
  await until("the page is as the system again", async () => !(await isDark()));
  await page.emulateMedia({ colorScheme: "dark" });
  await until("the page follows the system", isDark);
});

scenario(
  "a session that was ended elsewhere leads back to the login",
  "technician",
  async ({ page, context, guard, token }) => {
    guard.expect(401, /^\/api\//);
    const other = await context.newPage();
    for (const tab of [page, other]) {
      await tab.goto("/machines");
      await says(tab.getByRole("banner"), "Live");
    }
    await new Api(world.server.origin, token).post("/auth/logout");
    // Nobody touches the pages: the server ends their live stream, and they ask why.
    for (const tab of [page, other]) await at(tab, /^\/login\?next=%2Fmachines$/);
    await other.getByLabel("E-mail").fill(ADMIN.email);
    await other.getByLabel("Password").fill(ADMIN.password);
    await other.getByRole("button", { name: "Log in" }).click();
    await at(other, /^\/machines/);
  },
);
