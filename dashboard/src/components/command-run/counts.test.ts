import { expect, it } from "vitest";
import { countsOf } from "@/test/command-run";
import { doneOf, doneWords, failedOf, PARTS, partsOf, progressWords } from "./counts";
import { leftOutWords } from "./left-out";

it("says how far a run has come, and names every number that there is", () => {
  const counts = countsOf({ completed: 9, failed: 2, timeout: 1, waiting: 1_200 });
  expect(doneWords(counts)).toBe("12 of 1,212 done");
  expect(progressWords(counts)).toBe("12 of 1,212 done: 9 OK, 2 failed, 1 timed out, 1,200 waiting");
  expect(progressWords(countsOf({}))).toBe("0 of 0 done");
});

it("counts what has ended as done, however it ended, and repeats what failed", () => {
  const { total: _, ...each } = countsOf({});
  const all = countsOf(Object.fromEntries(Object.keys(each).map((name) => [name, 1])));
  expect(partsOf(all)).toHaveLength(Object.keys(each).length);
  expect(doneOf(all)).toBe(7);
  expect(failedOf(all)).toBe(3);
});

it("tells no two parts by their colour alone", () => {
  for (const what of ["word", "fill"] as const) {
    expect(new Set(PARTS.map((part) => part[what])).size).toBe(PARTS.length);
  }
  expect(new Set(PARTS.map(({ icon }) => icon)).size).toBe(PARTS.length);
});

it("says which machines are left out, and why", () => {
  expect(leftOutWords({}, "are")).toBeUndefined();
  expect(leftOutWords({ agent_not_found: 1 }, "were")).toBe("1 machine was left out: 1 not there any more.");
  expect(leftOutWords({ agent_not_active: 2, forbidden: 1_000, something_new: 1 }, "are")).toBe(
    "1,003 machines are left out: 2 not active (waiting, quarantined, revoked or left), 1,000 where whoever asks may not run this, 1 something new.",
  );
});
