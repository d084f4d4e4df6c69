/** The table of all machines, as a screen reader has it. */
import { until } from "./wait.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @param {Page} page */
export const table = (page) => page.getByRole("table", { name: "Machines" });

/** Waits until the table has this many rows, as it tells a screen reader. @param {Page} page @param {number} rows */
export const counts = (page, rows) =>
  until(
    `the table has ${rows} machines`,
    async () => (await table(page).getAttribute("aria-rowcount", { timeout: 1000 })) === String(rows + 1),
  );

/** The names in view from the top. @param {Page} page */
export const names = (page) => table(page).getByRole("row").getByRole("link").allInnerTexts();
