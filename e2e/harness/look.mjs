/** How a page looks: pictures for the eye, and what can be judged without one: accessibility and width. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { ARTEFACTS } from "./paths.mjs";
import { until } from "./wait.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const EVERY_RULE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** All that can differ between the themes of one width. */
const COLOUR_RULES = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

export const WIDE = { width: 1440, height: 900 };
export const NARROW = { width: 390, height: 844 };
const LOOKS = /** @type {const} */ ([
  { name: "1440-light", size: WIDE, theme: "light" },
  { name: "1440-dark", size: WIDE, theme: "dark" },
  { name: "390-dark", size: NARROW, theme: "dark" },
  { name: "390-light", size: NARROW, theme: "light" },
]);

/**
 * While a page is looked at, its colours change at once: hundreds of elements fading to another theme take a second.
 * @param {import("playwright-core").Page} page
 */
async function withoutFading(page) {
  const sheet = await page.evaluateHandle(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*, ::before, ::after { transition: none !important }");
    document.adoptedStyleSheets.push(sheet);
    return sheet;
  });
  return () =>
    sheet.evaluate((sheet) => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    });
}

/**
 * Waits until nothing moves and, unless the page is to be seen loading, nothing loads; what has begun to appear is brought
 * to its end.
 * @param {import("playwright-core").Page} page
 * @param {boolean} [isLoading]
 */
async function settled(page, isLoading = false) {
  await until("the page has come to rest", () =>
    page.evaluate(async (isLoading) => {
      await document.fonts.ready;
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      const moving = document.getAnimations().filter((animation) => {
        const end = animation.effect?.getComputedTiming().endTime;
        return animation.playState === "running" && end !== Number.POSITIVE_INFINITY;
      });
      for (const animation of moving) animation.finish();
      return moving.length === 0 && (isLoading || document.querySelector('[aria-busy="true"]') === null);
    }, isLoading),
  );
}

/**
 * Fails when axe finds anything. While a menu is open nothing else of the page can be reached, and axe, which knows that of
 * dialogs, does not know it of menus: then the menu is judged and the page behind it is not.
 * @param {import("playwright-core").Page} page
 * @param {string} where
 * @param {unknown} rules
 */
async function isAccessible(page, where, rules) {
  const has = await page.evaluate(() => "axe" in window);
  if (!has) await page.evaluate(AXE);
  const violations = await page.evaluate(async (runOnly) => {
    const axe = /** @type {any} */ (window).axe;
    const judged = document.querySelector('[role="menu"]') ?? document;
    const result = await axe.run(judged, { runOnly, resultTypes: ["violations"], preload: false });
    return result.violations.map((/** @type {any} */ violation) => ({
      rule: violation.id,
      help: violation.help,
      nodes: violation.nodes.slice(0, 3).map((/** @type {any} */ node) => `${node.html}\n      ${node.failureSummary}`),
    }));
  }, rules);
  if (violations.length === 0) return;
  const lines = violations.map(
    (/** @type {any} */ found) => `${found.rule}: ${found.help}\n    ${found.nodes.join("\n    ")}`,
  );
  throw new Error(`not accessible, ${where}:\n  ${lines.join("\n  ")}`);
}

/**
 * Fails when a reader with a narrow screen would have to scroll sideways, or cannot see something at all. Only the strip of
 * tabs may: it scrolls by itself when one is chosen; and code, whose lines are as long as they are, within its editor.
 * @param {import("playwright-core").Page} page
 * @param {string} where
 */
async function fitsItsWidth(page, where) {
  const wide = await page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll("html, body, body *")) {
      const style = getComputedStyle(element);
      const isScroller = element === document.documentElement || ["auto", "scroll"].includes(style.overflowX);
      if (!isScroller || element.matches("[role=tablist], .cm-scroller")) continue;
      if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0) {
        found.push(`${element.tagName} ${element.getAttribute("aria-label") ?? ""} is ${element.scrollWidth} px wide`);
      }
    }
    const isOutside = (/** @type {DOMRect} */ box) => box.right > window.innerWidth + 1 || box.left < -1;
    const isSeen = (/** @type {Element} */ element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      !element.closest('[role="tablist"]');
    for (const element of document.querySelectorAll("button, a, input, select, textarea")) {
      const box = element.getBoundingClientRect();
      if (box.width > 1 && isSeen(element) && isOutside(box)) {
        found.push(`${element.tagName} "${element.textContent?.trim()}" ends at ${Math.round(box.right)} px`);
      }
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const parent = text.parentElement;
      if (!text.nodeValue?.trim() || !parent || !isSeen(parent)) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const box = range.getBoundingClientRect();
      if (box.width <= 1 || !isOutside(box)) continue;
      // Long text may end within its own box, with dots; a box that reaches outside is judged itself.
      let cut = /** @type {Element | null} */ (parent);
      while (cut && getComputedStyle(cut).overflowX === "visible") cut = cut.parentElement;
      if (!cut || cut === document.documentElement || isOutside(cut.getBoundingClientRect())) {
        found.push(`"${text.nodeValue.trim()}" ends at ${Math.round(box.right)} px`);
      }
    }
    return found;
  });
  if (wide.length > 0) throw new Error(`wider than the screen, ${where}:\n  ${wide.join("\n  ")}`);
}

/**
 * Takes pictures of a page in both widths and both themes, and judges each.
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
export const look = (page, name) => show(page, name, LOOKS, false);

/** Each pair has both widths and both themes. */
const PAIRS = [
  [LOOKS[0], LOOKS[2]],
  [LOOKS[1], LOOKS[3]],
];
let glances = 0;

/**
 * The same for a passing state of a page, such as a dialog, in two of the four, by turns light or dark when it is wide.
 * @param {import("playwright-core").Page} page
 * @param {string} name
 * @param {{ isLoading?: boolean }} [state]
 */
export function glance(page, name, { isLoading = false } = {}) {
  glances += 1;
  return show(page, name, PAIRS[glances % PAIRS.length] ?? LOOKS, isLoading);
}

/**
 * The same of what exists in one width only, as it has it now.
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
export async function lookHere(page, name) {
  const width = page.viewportSize()?.width;
  await show(
    page,
    name,
    LOOKS.filter((look) => look.size.width === width),
    false,
  );
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} name
 * @param {readonly (typeof LOOKS[number])[]} looks
 * @param {boolean} isLoading
 */
async function show(page, name, looks, isLoading) {
  const before = page.viewportSize() ?? WIDE;
  const fadeAgain = await withoutFading(page);
  /** @type {Set<object>} */
  const seen = new Set();
  for (const { name: suffix, size, theme } of looks) {
    const where = `${name} at ${suffix}`;
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize(size);
    await settled(page, isLoading);
    await page.screenshot({ path: path.join(ARTEFACTS, `${name}-${suffix}.png`), animations: "disabled" });
    await isAccessible(page, where, seen.has(size) ? COLOUR_RULES : EVERY_RULE);
    seen.add(size);
    if (size === NARROW) await fitsItsWidth(page, where);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(before);
  await settled(page, isLoading);
  await fadeAgain();
}
