/** Waiting for a state, never for a span of time: everything here polls until a deadline. */
import { setTimeout as pause } from "node:timers/promises";

/** A busy machine is slow; a broken product never gets there at all. */
export const PATIENCE_MS = 30_000;
const POLL_MS = 50;

/**
 * Calls `probe` until it returns something true, and returns that. What it throws counts as "not yet".
 * @template T
 * @param {string} what names the state in the failure
 * @param {() => T | Promise<T>} probe
 * @param {number} [patience]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, probe, patience = PATIENCE_MS) {
  const deadline = Date.now() + patience;
  let last;
  for (;;) {
    try {
      const found = await probe();
      if (found) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${patience / 1000} s: ${what}`, { cause: last });
    await pause(POLL_MS);
  }
}

/** @param {import("playwright-core").Locator} locator */
export const visible = (locator) => locator.waitFor({ state: "visible" });

/** @param {import("playwright-core").Locator} locator */
export const gone = (locator) => locator.waitFor({ state: "hidden" });

/**
 * Waits until the text of an element contains or matches `wanted`, and returns the text.
 * @param {import("playwright-core").Locator} locator
 * @param {string | RegExp} wanted
 * @returns {Promise<string>}
 */
export async function says(locator, wanted) {
  let text = "";
  try {
    await until(`text ${wanted}`, async () => {
      text = await locator.innerText({ timeout: 1000 });
      return typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
    });
    return text;
  } catch (error) {
    throw new Error(`${locator} says ${JSON.stringify(text)} instead of ${wanted}`, { cause: error });
  }
}

/**
 * Waits until the address of the page matches.
 * @param {import("playwright-core").Page} page
 * @param {string | RegExp} path a whole path with its query, or a pattern of it
 */
export async function at(page, path) {
  await page.waitForURL((url) => {
    const here = url.pathname + url.search;
    return typeof path === "string" ? here === path : path.test(here);
  });
}
