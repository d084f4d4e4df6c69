/** A schedule in words. */
import type { Schedule } from "@/api/types";
import { WHOLE } from "@/components/place-picker";
import { formatDuration } from "@/lib/format";

export const placeWords = ({ client_id, client_name, site_id, site_name }: Schedule): string => {
  if (site_id) return `${client_name ?? "?"} › ${site_name ?? "?"}`;
  return client_id ? (client_name ?? "?") : WHOLE;
};

type Triggered = Pick<Schedule, "trigger">;

const zoneOf = ({ trigger }: Triggered): string | undefined =>
  (trigger.kind === "cron" && trigger.time_zone) || undefined;

/** By which clock it is due, beside a time. */
export const zoneWords = (schedule: Triggered): string => zoneOf(schedule) ?? "site's clock";

/** The same by itself; nothing of what no clock sets off. */
export function clockWords(schedule: Triggered): string | undefined {
  if (schedule.trigger.kind === "enrolment") return undefined;
  const zone = zoneOf(schedule);
  return zone ? `the clock of ${zone}` : "the clock of each site";
}

/** What becomes of a time at which the server was not running. */
export function missedWords({ trigger }: Triggered): string | undefined {
  if (trigger.kind !== "cron") return undefined;
  if (trigger.missed !== "once") return "is skipped";
  return `is made up for once, within ${formatDuration((trigger.missed_within_minutes ?? 0) * 60_000)}`;
}

/** That what runs is not the version that is approved now; whether one ever was is not known here. */
export function versionWords({ script_version, script_approved_version }: Schedule): string | undefined {
  if (script_approved_version === script_version) return undefined;
  if (!script_approved_version) return "No version approved";
  return script_approved_version > script_version ? "Newer version approved" : "Another version approved";
}
