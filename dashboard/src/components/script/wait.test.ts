import { expect, it } from "vitest";
import { checkWait, secondsOf, type WaitUnit, waitOf } from "./wait";

it.each<[number, string, WaitUnit]>([
  [30, "30", "seconds"],
  [60, "60", "seconds"],
  [90, "90", "seconds"],
  [5_400, "90", "minutes"],
  [86_400, "24", "hours"],
  [2_592_000, "30", "days"],
])("shows %d seconds as %s %s, and takes them again", (seconds, wait, waitUnit) => {
  expect(waitOf(seconds)).toEqual({ wait, waitUnit });
  expect(secondsOf({ wait, waitUnit })).toBe(seconds);
});

it.each<[string, WaitUnit]>([
  ["29", "seconds"],
  ["0.7", "seconds"],
  ["31", "days"],
  ["721", "hours"],
  ["", "hours"],
  ["-1", "days"],
  ["a while", "minutes"],
])("does not take %s %s", (wait, waitUnit) => {
  expect(secondsOf({ wait, waitUnit })).toBeUndefined();
  expect(checkWait(wait, { wait, waitUnit })).toBe("Between 30 seconds and 30 days.");
});

it("takes parts of a unit that are whole seconds", () => {
  expect(secondsOf({ wait: "1.5", waitUnit: "hours" })).toBe(5_400);
});
