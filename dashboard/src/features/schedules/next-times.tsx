import type { ScheduleOccurrence } from "@/api/types";
import { Time } from "@/components/time";
import { useNow } from "@/lib/hooks";
import { WEEKDAY_WORD } from "./timing";

/** "2026-11-29 02:30" → "Sun". */
const weekdayOf = (local: string): string =>
  WEEKDAY_WORD[new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay()]?.slice(0, 3) ?? "";

const DAY_MS = 86_400_000;
/** Farther away than this, a time would be told by its date, which stands there already. */
const DAYS_MAX = 30;

function Away({ at }: { at: string }) {
  const now = useNow();
  const days = Math.round((Date.parse(at) - now) / DAY_MS);
  if (days < DAYS_MAX) return <Time value={at} className="whitespace-nowrap text-soft" />;
  return <span className="whitespace-nowrap text-soft">in {days} d</span>;
}

/** The times to come, as the clocks of the sites show them. */
export function NextTimes({ next }: { next: ScheduleOccurrence[] }) {
  return (
    <ol aria-label="Next times" className="text-sm">
      {next.map(({ at, local, time_zone }) => (
        <li
          key={`${at} ${time_zone}`}
          className="flex flex-wrap gap-x-3 border-line border-b py-1 tabular-nums last:border-b-0"
        >
          <span className="w-38 shrink-0">
            {weekdayOf(local)} {local}
          </span>
          <span className="min-w-0 flex-1 truncate text-soft">{time_zone}</span>
          <Away at={at} />
        </li>
      ))}
    </ol>
  );
}
