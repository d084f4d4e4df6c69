import { expect, it } from "vitest";
import { findTimeZones, offsetWords, TIME_ZONES } from "./time-zones";

it("knows each time zone once, and UTC", () => {
  expect(TIME_ZONES).toContain("UTC");
  expect(TIME_ZONES).toContain("Europe/Berlin");
  expect(new Set(TIME_ZONES).size).toBe(TIME_ZONES.length);
});

it("finds a zone by words in any order, however its name is written", () => {
  expect(findTimeZones("new york")).toEqual(["America/New_York"]);
  expect(findTimeZones("berlin EUROPE")).toEqual(["Europe/Berlin"]);
  expect(findTimeZones("kolkata")).toEqual(["Asia/Kolkata"]);
  expect(findTimeZones("calcutta")).toEqual([]);
  expect(findTimeZones("nowhere at all")).toEqual([]);
});

it("says what the clock of a zone shows, by the season", () => {
  expect(offsetWords("Europe/Berlin", Date.parse("2026-07-01T00:00:00Z"))).toBe("UTC+02:00");
  expect(offsetWords("Europe/Berlin", Date.parse("2026-12-01T00:00:00Z"))).toBe("UTC+01:00");
  expect(offsetWords("Asia/Kathmandu", 0)).toBe("UTC+05:30");
  expect(offsetWords("No/Where", 0)).toBeUndefined();
});
