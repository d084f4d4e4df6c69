/** People: invited, given roles, denied something, sent away; what they see follows at once. */
import assert from "node:assert/strict";
import { enrolRows } from "../harness/crowd.mjs";
import { Guard } from "../harness/guard.mjs";
import { glance, look } from "../harness/look.mjs";
import { at, gone, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */

const GUEST = { name: "Technician Two", email: "two@example.com", password: "four calm words suffice" };

/** Chooses in a field that searches. @param {Locator} within @param {Page} page @param {string} field @param {string} option */
async function choose(within, page, field, option) {
  await within.getByRole("combobox", { name: field, exact: true }).click();
  await page.getByRole("option", { name: option, exact: false }).first().click();
}

/** @param {Page} page @param {string} button */
async function confirm(page, button) {
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("button", { name: button, exact: true }).click();
  await gone(dialog);
}

/** Two clients with a machine each. */
async function twoClients() {
  const api = await world.api();
  const made = [];
  for (const [client, site, prefix] of /** @type {const} */ ([
    ["Example Florist", "Shop", "florist"],
    ["Example Printers", "Works", "printer"],
  ])) {
    const { id } = await api.post("/clients", { name: client });
    const { id: siteId } = await api.post("/sites", { client_id: id, name: site });
    await enrolRows(siteId, site, prefix, 1);
    made.push(id);
  }
  return made;
}

/** Makes the link in the dialog, and returns it. @param {Page} page @param {string} email @param {string} role @param {string} [client] */
async function invite(page, email, role, client) {
  await page.goto("/users");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Invite somebody" });
  await dialog.getByLabel("E-mail").fill(email);
  if (client) await choose(dialog, page, "Where", `${client} client`);
  await choose(dialog, page, "Role", role);
  await glance(page, "invite");
  await dialog.getByRole("button", { name: "Create the link" }).click();
  const shown = page.getByRole("dialog", { name: "The invitation" });
  const link = (await shown.getByRole("region", { name: "Link" }).innerText()).trim();
  await says(shown, /ends in [67] d/);
  await glance(page, "invite-link");
  await page.keyboard.press("Escape");
  await visible(shown);
  await shown.getByRole("button", { name: "I have copied it" }).click();
  await gone(shown);
  return link;
}

scenario(
  "somebody who is invited sees one client, and no more of it when that is denied",
  "technician",
  async ({ page }) => {
    await twoClients();
    const link = await invite(page, GUEST.email, "Technician", "Example Florist");
    await page.getByRole("tab", { name: "Invitations" }).click();
    await visible(page.getByRole("row", { name: /two@example\.com Open/ }));
    await look(page, "invitations");

    const context = await world.stranger();
    const guard = new Guard(context, world.server.origin);
    try {
      const guest = await context.newPage();
      // at first nobody is logged in, at the end nobody any more
      guard.expect(401, /^\/api\//);
      await guest.goto(link);
      await visible(guest.getByRole("heading", { name: /^Join / }));
      assert.equal(new URL(guest.url()).hash, "", "a token does not stay in the address");
      await look(guest, "join");
      await guest.getByLabel("Your name").fill(GUEST.name);
      await guest.getByLabel("Password", { exact: true }).fill(GUEST.password);
      await guest.getByLabel("Repeat password").fill(GUEST.password);
      await guest.getByRole("button", { name: "Create account and join" }).click();
      await visible(guest.getByRole("heading", { name: "Attention" }));
      await seesOneClient(guest, guard);
      await isDenied(page, guest);
      await isSentAway(page, guest);
      guard.check();
    } finally {
      await context.close();
    }
  },
);

/** @param {Page} guest @param {Guard} guard */
async function seesOneClient(guest, guard) {
  const main = guest.getByRole("navigation", { name: "Main" });
  await visible(main.getByRole("link", { name: "Machines" }));
  assert.deepEqual(await main.getByRole("link").allInnerTexts(), [
    "Attention",
    "Machines",
    "Commands",
    "Scripts",
    "Schedules",
    "Clients and sites",
    "Enrolment",
    "Site keys",
    "Settings",
  ]);
  const tree = guest.getByRole("navigation", { name: "Clients" });
  await visible(tree.getByRole("link", { name: /^Example Florist/ }));
  assert.equal(await tree.getByRole("link", { name: /^Example Printers/ }).count(), 0);
  // what may not be seen is refused, now and when a role is taken away
  guard.expect(403, /^\/api\//);
  await guest.goto("/users");
  await says(guest.getByRole("alert"), "You may not see this");
  await glance(guest, "people-refused");
  await guest.goto("/machines");
  await visible(guest.getByRole("link", { name: "florist-001", exact: true }));
  assert.equal(await guest.getByRole("link", { name: "printer-001", exact: true }).count(), 0);
  await says(guest.getByRole("banner"), "Live");
}

/** @param {Page} page @param {Page} guest */
async function isDenied(page, guest) {
  // the list fills by itself when somebody joins
  await page.getByRole("tab", { name: "People" }).click();
  await visible(
    page.getByRole("row", { name: /Technician Two two@example\.com Technician on Example Florist Active/ }),
  );
  await look(page, "people");
  await page.getByRole("link", { name: GUEST.name, exact: true }).click();
  await visible(page.getByRole("heading", { name: GUEST.name }));
  await page.getByRole("tab", { name: "What they may do" }).click();
  await says(page.getByRole("main").getByRole("status"), /Technician Two may do nothing in the whole organisation/);
  await choose(page.getByRole("main"), page, "Place", "Example Florist client");
  const run = page.getByRole("listitem").filter({ hasText: "Run and cancel commands" });
  await says(run, /Allowed.*Technician on Example Florist/s);
  await look(page, "person-access");

  await page.getByRole("tab", { name: "Roles" }).click();
  await page.getByRole("button", { name: "Add a role" }).click();
  const dialog = page.getByRole("dialog", { name: /^A role for/ });
  await dialog.getByRole("radio", { name: "Deny" }).click();
  await choose(dialog, page, "Where", "Example Florist › Shop site");
  await dialog.getByRole("radio", { name: /^Viewer/ }).check();
  await glance(page, "grant-deny");
  await dialog.getByRole("button", { name: "Deny the role" }).click();
  await gone(dialog);
  await visible(page.getByRole("button", { name: "No longer deny: Viewer on Example Florist › Shop" }));
  await look(page, "person");
  await gone(guest.getByRole("link", { name: "florist-001", exact: true }));

  await page.getByRole("tab", { name: "What they may do" }).click();
  await choose(page.getByRole("main"), page, "Place", "Example Florist › Shop site");
  await says(run, /Denied.*Denied: Viewer on Example Florist › Shop/s);

  await page.getByRole("tab", { name: "Roles" }).click();
  await page.getByRole("button", { name: /^No longer deny/ }).click();
  await confirm(page, "No longer deny");
  await visible(guest.getByRole("link", { name: "florist-001", exact: true }));

  await page.getByRole("button", { name: "Take away: Technician on Example Florist" }).click();
  await glance(page, "grant-take");
  await confirm(page, "Take away");
  await says(page.getByRole("main"), "Nothing given yet");
  await gone(guest.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Machines" }));
  await says(guest.getByRole("alert"), "You may not see this");
}

/** @param {Page} page @param {Page} guest */
async function isSentAway(page, guest) {
  await page.getByRole("tab", { name: "Sign-ins" }).click();
  await says(page.getByRole("tabpanel"), /Chrome on Linux/);
  await glance(page, "person-sign-ins");
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await confirm(page, "Sign out");
  await at(guest, /^\/login/);
  await says(page.getByRole("tabpanel"), "Signed in nowhere");
  await page.getByRole("tab", { name: "Audit" }).click();
  await visible(page.getByRole("button", { name: /ended the sessions of Technician Two$/ }));

  await page.getByRole("button", { name: "Suspend" }).click();
  await confirm(page, "Suspend");
  await says(page.getByRole("main"), "Suspended");
  await page.getByRole("button", { name: "Resume" }).click();
  await visible(page.getByRole("button", { name: "Suspend", exact: true }));
  await page.getByRole("button", { name: "Remove" }).click();
  await confirm(page, "Remove");
  await at(page, "/users");
  await gone(page.getByRole("link", { name: GUEST.name, exact: true }));
}

scenario("a role is made, given, changed and deleted", "technician", async ({ page, guard }) => {
  await page.goto("/roles");
  await visible(page.getByRole("link", { name: "Script runner" }));
  await look(page, "roles");
  await page.getByRole("link", { name: "Viewer" }).click();
  await says(page.getByRole("main"), "Built-in role");
  await look(page, "role-built-in");

  await page.goto("/roles/new");
  await page.getByLabel("Name", { exact: true }).fill("Auditor");
  await page.getByRole("checkbox", { name: /^Run and cancel commands/ }).click();
  const included = page.getByRole("checkbox", { name: /^See machines/ });
  await until("what it includes is shown", async () => (await included.getAttribute("aria-checked")) === "true");
  assert.equal(await included.getAttribute("aria-disabled"), "true");
  await look(page, "role-new");
  await page.getByRole("checkbox", { name: /^Run and cancel commands/ }).click();
  await page.getByRole("checkbox", { name: /^Read the audit log/ }).click();
  await page.getByRole("button", { name: "Create role" }).click();
  await visible(page.getByRole("heading", { name: "Auditor" }));
  await says(page.getByRole("main"), "Nobody yet");

  const api = await world.api();
  const { user } = await api.get("/auth/me");
  const { items } = await api.get("/roles");
  const role = items.find((/** @type {any} */ one) => one.name === "Auditor");
  const grant = await api.post(`/users/${user.id}/grants`, { effect: "allow", role_id: role.id });
  await visible(page.getByRole("link", { name: user.name, exact: true }));
  const remove = page.getByRole("button", { name: "Delete", exact: true });
  assert.equal(await remove.getAttribute("aria-disabled"), "true");
  await look(page, "role");
  await page.getByRole("textbox", { name: "Description" }).fill("Reads what was done.");
  await page.getByRole("button", { name: "Save role" }).click();
  await visible(page.getByText("Auditor saved", { exact: true }));
  await api.call("DELETE", `/grants/${grant.id}`);
  await until("nobody has it", async () => (await remove.getAttribute("aria-disabled")) === null);
  await remove.click();
  await confirm(page, "Delete role");
  await at(page, "/roles");
  await gone(page.getByRole("link", { name: "Auditor" }));
  guard.expect(404, /^\/api\/roles\//);
  await page.goto(`/roles/${role.id}`);
  await says(page.getByRole("main"), "This role is not here");
});

scenario("an account of one's own: name, password, sessions, keys", "technician", async ({ page, guard }) => {
  await page.goto("/account");
  await visible(page.getByRole("tab", { name: "Sign-ins" }));
  guard.expect(403, /^\/api\/auth\/password$/);
  await page.getByLabel("Current password").fill("not this one");
  await page.getByLabel("New password").fill(GUEST.password);
  await page.getByLabel("Repeat password").fill(GUEST.password);
  await page.getByRole("button", { name: "Change password" }).click();
  await says(page.getByRole("alert"), "The current password is wrong");
  await look(page, "account");

  await page.getByRole("tab", { name: "Sign-ins" }).click();
  await says(page.getByRole("tabpanel"), "this session");
  await look(page, "account-sign-ins");
  await page.getByRole("tab", { name: "What you may do" }).click();
  await says(page.getByRole("main").getByRole("status"), "You may do everything in the whole organisation.");

  await page.getByRole("tab", { name: "API keys" }).click();
  await page.getByRole("button", { name: "New API key" }).click();
  const form = page.getByRole("dialog", { name: "New API key" });
  await form.getByRole("textbox", { name: "Name" }).fill("Inventory program");
  await form.getByRole("checkbox", { name: /^See machines/ }).click();
  await glance(page, "api-key-new");
  await form.getByRole("button", { name: "Create key" }).click();
  const shown = page.getByRole("dialog", { name: "The new API key" });
  const key = (await shown.getByRole("region", { name: "API key" }).innerText()).trim();
  await glance(page, "api-key-shown");
  await shown.getByRole("button", { name: "I have copied it" }).click();
  const ask = (/** @type {string} */ path) =>
    fetch(`${world.server.origin}/api${path}`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await ask("/agents")).status, 200);
  assert.equal((await ask("/commands")).status, 403, "it may do what was chosen and no more");

  await page.goto("/api-keys");
  await visible(page.getByRole("button", { name: "Inventory program", exact: true }));
  await look(page, "api-keys");
  await page.getByRole("button", { name: "Inventory program", exact: true }).click();
  await says(page.getByRole("dialog"), "See machines, their measurements and network");
  await glance(page, "api-key");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Revoke Inventory program" }).click();
  await confirm(page, "Revoke key");
  await says(page.getByRole("row", { name: /Inventory program/ }), "Revoked");
  await until("the key is refused", async () => (await ask("/agents")).status === 401);
});
