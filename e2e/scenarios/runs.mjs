/** Commands on many machines: a second person, progress, and the switch that stops everything. */
import assert from "node:assert/strict";
import { Api } from "../harness/api.mjs";
import { fleet } from "../harness/crowd.mjs";
import { glance, look } from "../harness/look.mjs";
import { at, gone, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

const SECOND = { name: "Technician Five", email: "technician.five@example.com", password: "four calm words suffice" };

/** A page of somebody else of the organisation, who may do what technicians may. */
async function secondPerson() {
  const api = await world.api();
  const grants = [{ built_in: "technician" }];
  const { token } = await api.post("/invitations", { email: SECOND.email, grants });
  const anonymous = new Api(world.server.origin);
  await anonymous.post("/auth/register", { token, name: SECOND.name, password: SECOND.password });
  const { email, password } = SECOND;
  const login = await anonymous.post("/auth/login", { email, password });
  const context = await world.stranger();
  await context.addCookies([
    { name: "gururmm_session", value: login.token, url: world.server.origin, httpOnly: true, sameSite: "Strict" },
  ]);
  return context;
}

scenario("what reaches many machines waits for a second person", "technician", async ({ page }) => {
  const { law } = await fleet();
  const api = await world.api();
  const main = page.getByRole("main");
  await page.goto(`/machines?client_id=${law.id}`);
  await page.getByRole("checkbox", { name: "Select all loaded rows" }).click();
  const bar = page.getByRole("region", { name: "Selected machines" });
  await says(bar, /\d+ machines selected/);
  await api.call("PATCH", "/organisation", { approval_threshold: 3 });
  await bar.getByRole("button", { name: "Run a command…" }).click();
  const dialog = page.getByRole("dialog", { name: "Run a command" });
  await dialog.getByRole("textbox", { name: "Command", exact: true }).fill("echo after approval");
  await says(dialog, "second person");
  await glance(page, "command-run-preview");
  await dialog.getByRole("button", { name: "Ask for approval" }).click();
  await at(page, /\/command-runs\//);
  await says(main, "Waits for a second person");
  await look(page, "command-run-waits-own");

  const context = await secondPerson();
  try {
    const other = await context.newPage();
    await other.goto("/");
    await other
      .getByRole("main")
      .getByRole("link", { name: /echo after approval/ })
      .click();
    await at(other, /\/command-runs\//);
    await says(other.getByRole("main"), "Waits for a decision");
    await look(other, "command-run-decide");
    await other.getByRole("button", { name: "Approve" }).click();
    await says(other.getByRole("list", { name: "Where the machines stand" }), "offline");
    await says(page.getByRole("list", { name: "Where the machines stand" }), "offline");
    assert.equal(await page.getByText("Waits for a second person").count(), 0);
  } finally {
    await context.close();
    await api.call("PATCH", "/organisation", { approval_threshold: 25 });
  }
  await look(page, "command-run-offline");
  await page.getByRole("button", { name: "Stop…" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Stop the run" }).click();
  await says(page.getByRole("list", { name: "Where the machines stand" }), "cancelled");
  await page.goto("/commands?tab=runs");
  await says(main, "echo after approval");
  await look(page, "command-runs");
});

scenario("everything is stopped at once, and starts again", "technician", async ({ page }) => {
  await world.machine();
  const api = await world.api();
  const { name } = await api.get("/organisation");
  await page.goto("/settings");
  const main = page.getByRole("main");
  await main.getByLabel("Why").fill("A wrong script.");
  await main.getByLabel("Confirm by its name").fill(name);
  await glance(page, "stop-all");
  await main.getByRole("button", { name: "Stop all commands" }).click();
  const banner = page.getByRole("status").filter({ hasText: "A wrong script." });
  await visible(banner);
  await page.goto("/machines");
  await visible(banner);
  await look(page, "stopped-banner");
  await banner.getByRole("button", { name: /start again/i }).click();
  await gone(banner);
  await until("commands may start", async () => (await api.get("/organisation")).commands_stopped_at === null);
});
