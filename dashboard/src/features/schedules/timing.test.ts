import { expect, it } from "vitest";
import { type Clock, clockOf, NEW_CLOCK, timeOf, timingOf } from "./timing";

/** A text, what of it the form shows, and the text that the form writes for that. */
const ROUND: [text: string, shown: Partial<Clock>, written?: string][] = [
  ["0 * * * *", { rhythm: "hourly", minute: "0" }],
  ["45 * * * *", { rhythm: "hourly", minute: "45" }],
  ["30 2 * * *", { rhythm: "daily", time: "02:30" }],
  ["0 3 * * mon", { rhythm: "weekly", weekdays: [1], time: "03:00" }],
  ["0 3 * * sun,sat", { rhythm: "weekly", weekdays: [6, 0] }],
  ["0 3 * * mon-fri", { rhythm: "weekly", weekdays: [1, 2, 3, 4, 5] }, "0 3 * * mon,tue,wed,thu,fri"],
  ["0 3 * * fri-mon", { rhythm: "weekly", weekdays: [1, 5, 6, 0] }, "0 3 * * sun,mon,fri,sat"],
  ["0 3 * * 5-7", { rhythm: "weekly", weekdays: [5, 6, 0] }, "0 3 * * sun,fri,sat"],
  ["0 3 * * 1,TUE", { rhythm: "weekly", weekdays: [1, 2] }, "0 3 * * mon,tue"],
  ["nth 2 tue 03:00 +1", { rhythm: "nth", nth: "2", weekday: 2, plus: 1, time: "03:00" }],
  ["nth last fri 23:59 +0", { rhythm: "nth", nth: "last", weekday: 5, plus: 0 }],
  ["NTH 5 sun 3:05", { rhythm: "nth", nth: "5", weekday: 0, time: "03:05" }, "nth 5 sun 03:05 +0"],
  ["0 3 * * tue#2", { rhythm: "nth", nth: "2", weekday: 2, plus: 0 }, "nth 2 tue 03:00 +0"],
  ["0 3 * * 5#L", { rhythm: "nth", nth: "last", weekday: 5 }, "nth last fri 03:00 +0"],
  ["0 3 1 * *", { rhythm: "monthly", day: "1" }],
  ["15 22 L * *", { rhythm: "monthly", day: "L", time: "22:15" }],
  ["@hourly", { rhythm: "hourly" }, "0 * * * *"],
  ["@daily", { rhythm: "daily", time: "00:00" }, "0 0 * * *"],
  ["@weekly", { rhythm: "weekly", weekdays: [0] }, "0 0 * * sun"],
  ["@Monthly", { rhythm: "monthly", day: "1" }, "0 0 1 * *"],
];

it.each(ROUND)("reads and writes %s", (text, shown, written = text) => {
  const clock = clockOf(text);
  expect(clock).toMatchObject(shown);
  expect(timingOf(clock)).toBe(written);
  // what it has written it reads as the same
  expect({ ...clockOf(written), text: "" }).toEqual({ ...clock, text: "" });
});

it.each([
  "*/15 * * * *",
  "0 */2 * * *",
  "0,30 3 * * *",
  "0 8-17 * * mon-fri",
  "0 3 13 * fri",
  "0 3 1 jan *",
  "0 3 1,15 * *",
  "0 3 * * mon#2,tue",
  "0 3 * * mon-fri/2",
  "0 3 * * mon#6",
  "60 3 * * *",
  "0 24 * * *",
  "0 3 32 * *",
  "nth 2 tue 03:00 +21",
  "nth 6 tue 03:00",
  "nth 2 tue 3",
  "0 3 * *",
  "0 3 * * * *",
  "@yearly",
  "whenever",
])("leaves %s as a text", (text) => {
  expect(clockOf(text)).toEqual({ ...NEW_CLOCK, rhythm: "advanced", text });
  expect(timingOf(clockOf(text))).toBe(text);
});

it("writes nothing while what was chosen is none", () => {
  const chosen = (more: Partial<Clock>) => timingOf({ ...NEW_CLOCK, ...more });
  expect(chosen({ time: "" })).toBeUndefined();
  expect(chosen({ rhythm: "hourly", minute: "60" })).toBeUndefined();
  expect(chosen({ rhythm: "hourly", minute: "" })).toBeUndefined();
  expect(chosen({ rhythm: "weekly", weekdays: [] })).toBeUndefined();
  expect(chosen({ rhythm: "advanced", text: "  " })).toBeUndefined();
});

it("knows times of the day", () => {
  expect(timeOf("07:05")).toEqual({ hour: 7, minute: 5 });
  for (const text of ["", "7", "7:5", "24:00", "07:60", "07:00:00", "-1:00"]) expect(timeOf(text)).toBeUndefined();
});
