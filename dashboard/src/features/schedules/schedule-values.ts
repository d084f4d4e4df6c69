/** What a schedule says: the fields of its form, and as the server takes and tells it. */
import type { Params } from "@/api/operations";
import type { Agent, AgentFilter, CommandRunTargets, Schedule, ScheduleTrigger } from "@/api/types";
import { ORGANISATION, type Place, placeOf } from "@/components/can";
import { A_DAY } from "@/components/command/run-values";
import type { Machine } from "@/components/each-machine";
import { newRun, type ScriptRunValues, scriptRunBodyOf } from "@/components/script/run-values";
import { waitOf } from "@/components/script/wait";
import { withTyped } from "@/components/tag-input";
import { type Clock, clockOf, NEW_CLOCK, timeOf, timingOf } from "./timing";

export type TriggerKind = ScheduleTrigger["kind"];
export type Which = "all" | "filter" | "names";
export const UNIT_MINUTES = { minutes: 1, hours: 60, days: 1440 } as const;
export type Unit = keyof typeof UNIT_MINUTES;

export interface MachineFilter {
  os: Agent["os"] | "";
  status: Agent["status"] | "";
  tags: string[];
  /** What is typed and not a tag yet. */
  tagText: string;
  search: string;
  /** What else narrows it, without a field here. */
  more: AgentFilter;
}

export interface ScheduleValues {
  name: string;
  kind: TriggerKind;
  clock: Clock;
  /** Empty: each site's own. */
  zone: string;
  missed: "skip" | "once";
  within: string;
  unit: Unit;
  notBefore: string;
  place: Place;
  which: Which;
  filter: MachineFilter;
  machines: Machine[];
  /** Of no field: what the server says of the machines. */
  targets: string;
  /** Likewise: what it says of the pace. */
  pace: string;
}

/** With what the form begins. */
export interface Start {
  values: ScheduleValues;
  run: ScriptRunValues;
  scriptId?: string | undefined;
  number?: number | undefined;
}

const WITHIN_DEFAULT = 720;
export const WITHIN_MAX = 43_200;
export const NAMES_MAX = 1_000;

const NO_FILTER: MachineFilter = { os: "", status: "", tags: [], tagText: "", search: "", more: {} };

export const newSchedule = (place: Place = ORGANISATION): ScheduleValues => ({
  name: "",
  kind: "cron",
  clock: NEW_CLOCK,
  zone: "",
  missed: "skip",
  ...spanOf(WITHIN_DEFAULT),
  notBefore: "",
  place,
  which: "all",
  filter: NO_FILTER,
  machines: [],
  targets: "",
  pace: "",
});

/** 720 → 12 hours. */
export function spanOf(minutes: number): { within: string; unit: Unit } {
  const unit = (["days", "hours"] as const).find((one) => minutes % UNIT_MINUTES[one] === 0) ?? "minutes";
  return { within: String(minutes / UNIT_MINUTES[unit]), unit };
}

export function withinOf({ within, unit }: Pick<ScheduleValues, "within" | "unit">): number | undefined {
  const minutes = Number(within) * UNIT_MINUTES[unit];
  return Number.isInteger(minutes) && minutes >= 1 && minutes <= WITHIN_MAX ? minutes : undefined;
}

/** All that a schedule says; its machines are known by their ids alone. */
export function scheduleValues(schedule: Schedule, machines: Machine[]): ScheduleValues {
  const { trigger, targets } = schedule;
  return {
    ...newSchedule(placeOf(schedule)),
    name: schedule.name,
    ...triggerValues(trigger),
    ...("ids" in targets ? { which: "names", machines } : filterValues(targets.filter)),
  };
}

function triggerValues(trigger: ScheduleTrigger): Partial<ScheduleValues> {
  if (trigger.kind === "cron") {
    return {
      kind: trigger.kind,
      clock: clockOf(trigger.timing),
      zone: trigger.time_zone ?? "",
      missed: trigger.missed ?? "skip",
      ...spanOf(trigger.missed_within_minutes ?? WITHIN_DEFAULT),
    };
  }
  return trigger.kind === "first_contact"
    ? { kind: trigger.kind, notBefore: trigger.not_before ?? "" }
    : { kind: trigger.kind };
}

function filterValues(filter: AgentFilter): Pick<ScheduleValues, "which" | "filter"> {
  const { os, status, tag, search, ...rest } = filter;
  const more = Object.fromEntries(Object.entries(rest).filter(([, value]) => value != null));
  // those that may not work are left out without being asked for
  if (more.state === "active") delete more.state;
  const values = { ...NO_FILTER, os: os ?? "", status: status ?? "", search: search ?? "", more } as const;
  const tags = tag?.split(",").filter(Boolean) ?? [];
  const isNone = [os, status, tag, search, ...Object.values(more)].every((value) => !value);
  return { which: isNone ? "all" : "filter", filter: { ...values, tags } };
}

/** What is given for a script, and the pace, from what a schedule says already. */
export function runValues(schedule: Schedule): ScriptRunValues {
  const { pace } = schedule;
  return {
    ...newRun([]),
    parameters: schedule.parameters,
    ...waitOf(schedule.expires_in_seconds ?? A_DAY),
    mode: pace.mode ?? "parallel",
    rate: pace.rate_per_minute?.toString() ?? "",
    failures: pace.stop_after_failures?.toString() ?? "",
  };
}

/** Whether both say the same of a run, in whichever order. */
export function isSameRun(one: ScriptRunValues, other: ScriptRunValues): boolean {
  const flat = ({ parameters, ...rest }: ScriptRunValues) =>
    JSON.stringify([Object.entries(rest).sort(), Object.entries(parameters).sort()]);
  return flat(one) === flat(other);
}

/** What sets it off, or nothing while what was chosen is none. */
export function triggerOf(values: ScheduleValues): ScheduleTrigger | undefined {
  if (values.kind === "enrolment") return { kind: values.kind };
  if (values.kind === "first_contact") {
    const not_before = values.notBefore.trim();
    return not_before && !timeOf(not_before) ? undefined : { kind: values.kind, not_before: not_before || null };
  }
  const timing = timingOf(values.clock);
  const within = withinOf(values) ?? (values.missed === "skip" ? WITHIN_DEFAULT : undefined);
  if (!timing || !within) return undefined;
  return {
    kind: "cron",
    timing,
    time_zone: values.zone || null,
    missed: values.missed,
    missed_within_minutes: within,
  };
}

/** Which machines, or nothing while none is named. */
export function targetsOf({ which, filter, machines }: ScheduleValues): CommandRunTargets | undefined {
  if (which === "names") return machines.length > 0 ? { ids: machines.map(({ id }) => id) } : undefined;
  if (which === "all") return { filter: {} };
  const tags = withTyped(filter.tags, filter.tagText);
  const search = filter.search.trim();
  return {
    filter: {
      ...filter.more,
      ...(filter.os ? { os: filter.os } : {}),
      ...(filter.status ? { status: filter.status } : {}),
      ...(tags.length > 0 ? { tag: tags.join(",") } : {}),
      ...(search ? { search } : {}),
    },
  };
}

const idsOf = ({ clientId, siteId }: Place) => ({
  ...(clientId ? { client_id: clientId } : {}),
  ...(siteId ? { site_id: siteId } : {}),
});

/** Which version of which script, and what it asks for. */
export interface Chosen {
  id: string;
  number: number;
  parameters: Parameters<typeof scriptRunBodyOf>[1]["parameters"];
}

type Wish = Params<"schedule_create">["body"];

/** The whole of it; nothing while it says too little. */
export function wishOf(values: ScheduleValues, run: ScriptRunValues, chosen: Chosen): Wish | undefined {
  const [trigger, targets] = [triggerOf(values), targetsOf(values)];
  if (!trigger || !targets) return undefined;
  const { number, pace, ...body } = scriptRunBodyOf(run, { ...chosen, targets });
  return {
    name: values.name.trim(),
    ...idsOf(values.place),
    trigger,
    script_id: chosen.id,
    script_version: number ?? null,
    ...body,
    // What machines set off each by itself has none.
    ...(trigger.kind === "cron" ? { pace } : {}),
  };
}

/** What is looked up before it is saved. Without a script, or what that asks for, it says nothing of what a script leaves out. */
export function previewOf(
  values: ScheduleValues,
  run: ScriptRunValues,
  chosen: Chosen | undefined,
): Params<"schedule_preview">["body"] | undefined {
  const [trigger, targets] = [triggerOf(values), targetsOf(values)];
  if (!trigger) return undefined;
  const given = chosen && targets && scriptRunBodyOf(run, { ...chosen, targets }).parameters;
  return {
    ...idsOf(values.place),
    trigger,
    ...(targets ? { targets } : {}),
    ...(chosen && given ? { script_id: chosen.id, script_version: chosen.number, parameters: given } : {}),
  };
}
