/** The same work with a finger on a screen of 390 px. */
import assert from "node:assert/strict";
import os from "node:os";
import { parts } from "../harness/command-form.mjs";
import { fleet } from "../harness/crowd.mjs";
import { lookHere } from "../harness/look.mjs";
import { at, gone, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** Opens the navigation and chooses a place in it. @param {Page} page @param {string} list @param {string | RegExp} name */
async function go(page, list, name) {
  await page.getByRole("button", { name: "Open the navigation" }).tap();
  const drawer = page.getByRole("dialog", { name: "Navigation" });
  await drawer.getByRole("navigation", { name: list }).getByRole("link", { name }).tap();
  await gone(drawer);
}

scenario("a phone finds its way, and commands several machines", "phone", async ({ page }) => {
  const { law } = await fleet();
  const main = page.getByRole("main");
  await page.goto("/");
  await visible(main.getByRole("heading", { name: "Attention" }));
  await page.getByRole("button", { name: "Open the navigation" }).tap();
  const drawer = page.getByRole("dialog", { name: "Navigation" });
  await visible(drawer.getByRole("link", { name: /^Example Law Partners/ }));
  await lookHere(page, "phone-navigation");
  await page.keyboard.press("Escape");
  await gone(drawer);
  await go(page, "Clients", /^Example Law Partners/);
  await at(page, new RegExp(`client_id=${law.id}`));
  await go(page, "Main", "Machines");
  await at(page, `/machines?client_id=${law.id}`);
  const list = main.getByRole("list", { name: "Machines" });
  await until("only the client's machines are listed", async () => {
    const names = await list.getByRole("link").allInnerTexts();
    return names.length > 0 && names.every((name) => name.includes("law"));
  });
  await page.getByRole("link", { name: "Show all clients" }).tap();
  await main.getByRole("combobox", { name: "Status" }).selectOption("Online");
  await visible(list.getByRole("link", { name: os.hostname(), exact: true }));
  await main.getByRole("combobox", { name: "Status" }).selectOption("Any status");

  await page.goto("/machines?sort=status&order=desc");
  await list.getByRole("checkbox", { name: `Select ${os.hostname()}`, exact: true }).tap();
  await list
    .getByRole("checkbox", { name: /^Select (airport|law|logistics)/ })
    .first()
    .tap();
  const bar = page.getByRole("region", { name: "Selected machines" });
  await says(bar, "2 machines selected");
  await lookHere(page, "phone-selected");
  await bar.getByRole("button", { name: "Run a command…" }).tap();
  const dialog = page.getByRole("dialog", { name: "Run a command" });
  await dialog.getByRole("textbox", { name: "Command", exact: true }).fill("echo from a phone");
  await lookHere(page, "phone-run");
  await dialog.getByRole("button", { name: "Run command" }).tap();
  await at(page, /\/command-runs\//);
  const rows = main.getByRole("list", { name: "Machines of this run" }).getByRole("listitem");
  await says(rows.filter({ hasText: os.hostname() }), "Completed");
  await says(rows.filter({ hasText: /airport|law|logistics/ }), "Queued");
  assert.equal(await rows.count(), 2);
  await lookHere(page, "phone-command-run");
});

scenario("a phone runs a command, renames a machine and adds another", "phone", async ({ page }) => {
  const { id } = await world.machine();
  const api = await world.api();
  const main = page.getByRole("main");
  await page.goto("/");
  await page.getByRole("banner").getByRole("button", { name: "Search" }).tap();
  const palette = page.getByRole("dialog", { name: "Search and commands" });
  await palette.getByRole("combobox").fill(os.hostname());
  await palette.getByRole("option", { name: new RegExp(`^${os.hostname()}\\b.*Online`, "s") }).tap();
  await at(page, `/machines/${id}`);
  await page.getByRole("tab", { name: "Commands" }).tap();
  await main.getByRole("textbox", { name: "Command", exact: true }).fill("echo right here");
  await main.getByRole("button", { name: "Run command" }).tap();
  const { state, stdout } = parts(page);
  await says(state, "Completed");
  assert.equal((await stdout.innerText()).trim(), "right here");
  await lookHere(page, "phone-command");

  await main.getByRole("button", { name: "Actions" }).tap();
  await visible(page.getByRole("menuitem", { name: "Delete…" }));
  await lookHere(page, "phone-actions");
  await page.getByRole("menuitem", { name: "Rename…" }).tap();
  await page.getByLabel("Display name").fill("Pocket");
  await page.getByRole("button", { name: "Save name" }).tap();
  await visible(page.getByRole("heading", { name: "Pocket", exact: true }));
  await api.call("PATCH", `/agents/${id}`, { display_name: null });

  await go(page, "Main", "Clients");
  await main.getByRole("button", { name: "New client" }).tap();
  const form = page.getByRole("dialog");
  await form.getByRole("button", { name: "Create client" }).tap();
  await says(form.getByRole("alert"), "Write the name of the client.");
  await form.getByLabel("Name", { exact: true }).fill("Example Kiosk");
  await form.getByRole("button", { name: "Create client" }).tap();
  await visible(main.getByRole("region", { name: "Example Kiosk" }));
  await main.getByRole("button", { name: "Actions for Example Kiosk" }).tap();
  await page.getByRole("menuitem", { name: /^Delete/ }).tap();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete client" }).tap();
  await gone(main.getByRole("region", { name: "Example Kiosk" }));

  await page.getByRole("banner").getByRole("button", { name: "Add a machine" }).tap();
  const add = page.getByRole("dialog", { name: "Add a machine" });
  await add.getByRole("combobox", { name: "Site" }).tap();
  await page.getByRole("option").first().tap();
  await add.getByRole("button", { name: "Create the install line" }).tap();
  await says(add.getByRole("region", { name: "Install line" }), "grmm_site_");
  await lookHere(page, "phone-add-machine");
});
