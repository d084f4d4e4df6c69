import { expect, it } from "vitest";
import type { Schedule } from "@/api/types";
import { scheduleOf } from "@/test/schedule";
import { parameterOf } from "@/test/script";
import {
  newSchedule,
  previewOf,
  runValues,
  type ScheduleValues,
  scheduleValues,
  spanOf,
  targetsOf,
  triggerOf,
  wishOf,
  withinOf,
} from "./schedule-values";

const chosen = { id: "s1", number: 2, parameters: [parameterOf({ name: "folder" })] };
const again = (schedule: Schedule) => {
  const ids = "ids" in schedule.targets ? schedule.targets.ids : [];
  const values = scheduleValues(
    schedule,
    ids.map((id) => ({ id, name: id })),
  );
  return wishOf(values, runValues(schedule), chosen);
};

it("says again what a schedule says, when nothing is changed", () => {
  const schedule = scheduleOf({
    client_id: "c1",
    site_id: "p1",
    trigger: { kind: "cron", timing: "0 3 * * sun,sat", time_zone: "UTC", missed: "once", missed_within_minutes: 90 },
    targets: { filter: { os: "linux", tag: "web,prod", field: "f1:x", search: null, status: null } },
    parameters: { folder: "/var" },
    pace: { mode: "parallel", rate_per_minute: 10, stop_after_failures: 3 },
    expires_in_seconds: 3600,
  });
  expect(again(schedule)).toEqual({
    name: "Nightly",
    client_id: "c1",
    site_id: "p1",
    trigger: schedule.trigger,
    targets: { filter: { os: "linux", tag: "web,prod", field: "f1:x" } },
    script_id: "s1",
    script_version: 2,
    parameters: { folder: "/var" },
    pace: { mode: "parallel", rate_per_minute: 10, stop_after_failures: 3 },
    expires_in_seconds: 3600,
  });
});

it.each<[string, Partial<Schedule>]>([
  ["machines by name", { targets: { ids: ["a1", "a2"] } }],
  ["all machines", { targets: { filter: {} } }],
  ["an enrolment", { trigger: { kind: "enrolment" } }],
  ["a first contact", { trigger: { kind: "first_contact", not_before: "07:00" } }],
  ["a first contact at any time", { trigger: { kind: "first_contact", not_before: null } }],
  ["a timing without fields of its own", { trigger: { ...scheduleOf().trigger, timing: "*/5 8-17 * * *" } as never }],
])("keeps %s", (_, more) => {
  const schedule = scheduleOf(more);
  expect(again(schedule)).toMatchObject({ trigger: schedule.trigger, targets: schedule.targets });
});

it("has a pace only by the clock", () => {
  const pace = { mode: "ordered", stop_after_failures: 2 } as const;
  expect(again(scheduleOf({ pace }))).toMatchObject({ pace });
  expect(again(scheduleOf({ pace, trigger: { kind: "enrolment" } }))).not.toHaveProperty("pace");
  expect(again(scheduleOf({ pace, trigger: { kind: "first_contact", not_before: null } }))).not.toHaveProperty("pace");
});

it.each([
  [1, "1", "minutes"],
  [90, "90", "minutes"],
  [720, "12", "hours"],
  [1440, "1", "days"],
  [43_200, "30", "days"],
] as const)("shows %d minutes as %s %s", (minutes, within, unit) => {
  expect(spanOf(minutes)).toEqual({ within, unit });
  expect(withinOf({ within, unit })).toBe(minutes);
});

const values = (more: Partial<ScheduleValues>): ScheduleValues => ({ ...newSchedule(), ...more });

it("says nothing while what was chosen is none", () => {
  expect(triggerOf(values({ missed: "once", within: "31", unit: "days" }))).toBeUndefined();
  expect(triggerOf(values({ missed: "skip", within: "" }))).toMatchObject({ missed: "skip" });
  expect(triggerOf(values({ kind: "first_contact", notBefore: "25:00" }))).toBeUndefined();
  expect(targetsOf(values({ which: "names" }))).toBeUndefined();
});

it("takes a tag that was typed and not ended", () => {
  const filter = { ...newSchedule().filter, tags: ["web"], tagText: "prod", search: " db " };
  expect(targetsOf(values({ which: "filter", filter }))).toEqual({ filter: { tag: "web,prod", search: "db" } });
});

it("looks up the machines of a script only with the script, and the times without either", () => {
  const run = { ...runValues(scheduleOf()), parameters: { folder: "/var" } };
  expect(previewOf(values({ place: { clientId: "c1" } }), run, chosen)).toMatchObject({
    client_id: "c1",
    targets: { filter: {} },
    script_id: "s1",
    script_version: 2,
    parameters: { folder: "/var" },
  });
  const times = previewOf(values({ which: "names" }), run, undefined);
  expect(Object.keys(times ?? {})).toEqual(["trigger"]);
});
