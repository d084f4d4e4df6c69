/** The commands of a machine as its page has them: the form, and what one command shows. */
import { says, until, visible } from "./wait.mjs";
import { world } from "./world.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** Opens the commands of this machine. @param {Page} page */
export async function openCommands(page) {
  const { id } = await world.machine();
  await page.goto(`/machines/${id}?tab=commands`);
  await visible(page.getByRole("textbox", { name: "Command", exact: true }));
  await says(page.getByRole("banner"), "Live");
  return id;
}

/**
 * Runs a command from the form and returns its id, which the address then holds.
 * @param {Page} page @param {string} text @param {{ limit?: string }} [options]
 */
export async function run(page, text, { limit } = {}) {
  const before = new URL(page.url()).searchParams.get("command");
  await page.getByRole("textbox", { name: "Command", exact: true }).fill(text);
  if (limit) await page.getByLabel("Time limit (seconds)").fill(limit);
  await page.getByRole("button", { name: "Run command" }).click();
  return until("the command is shown", () => {
    const id = new URL(page.url()).searchParams.get("command");
    return id !== before && id;
  });
}

/** @param {Page} page */
export const parts = (page) => ({
  state: page.getByRole("status").filter({ hasText: /Queued|Running|Completed|Failed|Timed out|Cancelled/ }),
  stdout: page.getByRole("region", { name: "Standard output" }),
  stderr: page.getByRole("region", { name: "Standard error" }),
});
