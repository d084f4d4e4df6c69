/** The first minutes of a server: the administrator, the login, the pages while there is nothing to show. */
import assert from "node:assert/strict";
import { Api } from "../harness/api.mjs";
import { glance, look } from "../harness/look.mjs";
import { at, says, until, visible } from "../harness/wait.mjs";
import { ADMIN, scenario, world } from "../harness/world.mjs";

const ORGANISATION = "Example Managed Services";

/** @param {import("playwright-core").Page} page */
const alerts = async (page) => (await page.getByRole("alert").allInnerTexts()).map((text) => text.trim());

/** @param {import("playwright-core").Page} page @param {string} password @param {string} [repeat] */
async function fillSetup(page, password, repeat = password) {
  await page.getByLabel("Your name").fill(ADMIN.name);
  await page.getByLabel("E-mail").fill(ADMIN.email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Repeat password").fill(repeat);
  await page.getByLabel("Organisation", { exact: true }).fill(ORGANISATION);
  await page.getByRole("button", { name: "Create administrator" }).click();
}

scenario("set-up makes the first administrator with the printed token only", "stranger", async ({ page, guard }) => {
  const token = page.getByLabel("Setup token");
  await page.goto("/setup#token=guessed");
  await until("the token is taken from the address", async () => (await token.inputValue()) === "guessed");
  await at(page, "/setup");
  assert.equal(new URL(page.url()).hash, "", "a token does not stay in the address");
  await look(page, "setup");

  await page.getByRole("button", { name: "Create administrator" }).click();
  await until("each empty field says what it wants", async () => (await alerts(page)).length === 4);
  const wanted = ["Write your name.", "Write your e-mail address.", "Choose a password."];
  assert.deepEqual(await alerts(page), [...wanted, "Write the name of your organisation."]);
  await fillSetup(page, "too short", "another one");
  await until("both passwords are refused", async () =>
    (await alerts(page)).join().match(/Use at least 12 characters.*The two passwords differ/s),
  );
  await glance(page, "setup-errors");

  guard.expect(403, /^\/api\/setup$/);
  await fillSetup(page, ADMIN.password);
  await says(page.getByRole("alert"), "The setup token is wrong");

  await page.goto(world.server.setupAddress);
  const printed = new URLSearchParams(new URL(world.server.setupAddress).hash.slice(1)).get("token");
  await until("the printed token is taken", async () => (await token.inputValue()) === printed);
  await fillSetup(page, ADMIN.password);
  await visible(page.getByRole("heading", { name: "Attention" }));
  await at(page, "/");
  await visible(page.getByText(ORGANISATION));
});

scenario("set-up is closed for ever afterwards", "stranger", async ({ page }) => {
  await world.api();
  await page.goto(world.server.setupAddress);
  await visible(page.getByRole("heading", { name: "Setup is closed" }));
  await look(page, "setup-closed");
  const body = { token: "guessed", name: "Somebody Else", email: "else@example.com", password: ADMIN.password };
  await assert.rejects(new Api(world.server.origin).post("/setup", body), { status: 409, code: "setup_closed" });
  await page.getByRole("link", { name: "Go to the login" }).click();
  await at(page, "/login");
});

/** @param {import("playwright-core").Page} page @param {string} password */
async function logIn(page, password) {
  await page.getByLabel("E-mail").fill(ADMIN.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

scenario("log in: a deep link returns, a wrong password does not", "stranger", async ({ page, guard }) => {
  await world.api();
  guard.expect(401, /^\/api\/auth\/me$/);
  guard.expect(401, /^\/api\/auth\/login$/);
  await page.goto("/machines?status=online");
  await at(page, /^\/login\?next=/);
  await look(page, "login");
  await logIn(page, "not the password");
  await says(page.getByRole("alert"), /password/i);
  assert.equal(await page.getByLabel("Password").inputValue(), "", "a wrong password is not kept");
  await glance(page, "login-failed");
  await logIn(page, ADMIN.password);
  await at(page, "/machines?status=online");

  await page.getByRole("button", { name: "Log out" }).click();
  await at(page, "/login");
  await page.goto("/audit");
  await at(page, /^\/login/);
  await page.goto("/login?next=//example.com/");
  await logIn(page, ADMIN.password);
  await visible(page.getByRole("heading", { name: "Attention" }));
  await at(page, "/");
});

scenario("an empty server tells the next step on each page", "technician", async ({ page, guard }) => {
  const api = await world.api();
  const newcomer = await api.post("/clients", { name: "Example Newcomer" });
  const pages = [
    { path: "/", name: "attention-zero", says: "No machines yet" },
    { path: "/machines", name: "machines-zero", says: "No machines yet" },
    { path: "/commands", name: "commands-zero", says: "No command has been run yet" },
    // A server begins with one client, one site and the key for its own machine.
    { path: "/clients", name: "clients-one", says: "no machines" },
    { path: "/site-keys", name: "site-keys-one", says: "Active" },
    { path: "/audit?action=setup.completed", name: "audit-one", says: "completed the set-up" },
    { path: "/settings", name: "settings", says: ADMIN.email },
  ];
  const passing = [
    { path: "/clients?search=nobody", name: "clients-zero", says: "Nothing matches" },
    { path: `/site-keys?client_id=${newcomer.id}`, name: "site-keys-zero", says: "No site key yet" },
    { path: "/audit?action=command.created", name: "audit-zero", says: "Nothing matches" },
    { path: "/no/such/page", name: "missing", says: "There is no such page" },
  ];
  for (const { path, name, says: text } of [...pages, ...passing]) {
    await page.goto(path);
    await says(page.getByRole("main"), text);
    if (passing.some((state) => state.name === name)) await glance(page, name);
    else await look(page, name);
  }
  const unknown = "0198c000-0000-7000-8000-000000000000";
  guard.expect(404, new RegExp(`^/api/agents/${unknown}$`));
  await page.goto(`/machines/${unknown}`);
  await says(page.getByRole("main"), "This machine is not here");
  await glance(page, "machine-missing");
  guard.expect(404, new RegExp(`^/api/commands/${unknown}$`));
  await page.goto(`/commands/${unknown}`);
  await says(page.getByRole("main"), "This command is not here");
  await glance(page, "command-missing");
  for (const noun of ["client", "site"]) {
    guard.expect(404, new RegExp(`^/api/${noun}s/${unknown}$`));
    await page.goto(`/${noun}s/${unknown}`);
    await says(page.getByRole("main"), `This ${noun} is not here`);
    await glance(page, `${noun}-missing`);
  }
  await api.call("DELETE", `/clients/${newcomer.id}`);
});
