/** A machine joins by the line that the dashboard shows, pasted into a shell, and is taken away again. */
import assert from "node:assert/strict";
import { access, readFile } from "node:fs/promises";
import os from "node:os";
import { filesWith, pasteInstallLine } from "../harness/install.mjs";
import { glance } from "../harness/look.mjs";
import { agentProgram } from "../harness/paths.mjs";
import { at, says } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

scenario("a machine joins by the line that is shown, and is deleted", "technician", async ({ page }) => {
  const { origin } = world.server;
  await page.goto("/");
  await page.getByRole("button", { name: "Add the first one" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a machine" });
  await dialog.getByRole("button", { name: "Create the install line" }).click();
  const line = (await says(dialog.getByRole("region", { name: "Install line" }), "grmm_site_")).trim();
  const key = line.split(" ").at(-1) ?? "";
  assert.equal(line, `curl -fsSL ${origin}/install.sh | sudo sh -s -- --server ${origin} --site-key ${key}`);
  await says(dialog.getByRole("status"), "Waiting for the machine");
  await glance(page, "add-machine-waiting");

  const installed = await pasteInstallLine("install", line);
  assert.equal(installed.exit, 0, installed.output);
  assert.ok((await readFile(installed.program)).equals(await readFile(agentProgram())), "the server's own agent");
  await access(installed.unit);
  assert.deepEqual(await filesWith(installed.root, key), [], "the key is left in no file");
  await says(dialog.getByRole("status"), "Offline");
  const agent = installed.agent("installed-agent");
  agent.start();
  try {
    await says(dialog.getByRole("status"), "Online");
    await glance(page, "add-machine-joined");
    await dialog.getByRole("link", { name: os.hostname() }).click();
    await says(page.getByRole("main"), /online since/);

    await page.getByRole("main").getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: "Delete…" }).click();
    await glance(page, "machine-delete");
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete machine" }).click();
    await at(page, "/machines");
    await says(page.getByRole("main"), "No machines yet");
  } finally {
    await agent.stop();
  }
  const late = await pasteInstallLine("install-late", line);
  assert.notEqual(late.exit, 0, "one key is good for one machine");
  assert.match(late.output, /used as often as it may be/);
});
