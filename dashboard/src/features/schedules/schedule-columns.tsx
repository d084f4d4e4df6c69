import { Link } from "@tanstack/react-router";
import type { Schedule } from "@/api/types";
import { CELL_LINK, type Column } from "@/components/data-table/column";
import { ScheduleOutcome, ScheduleStatus } from "@/components/status";
import { Time } from "@/components/time";
import { cn } from "@/lib/cn";
import { placeWords, versionWords, zoneWords } from "./schedule-words";

export const SCHEDULE_COLUMNS: Column<Schedule>[] = [
  {
    id: "name",
    header: "Name",
    width: 160,
    isGrowing: true,
    isFixed: true,
    cell: (schedule) => (
      <Link
        to="/schedules/$id"
        params={{ id: schedule.id }}
        title={schedule.name}
        className={cn(CELL_LINK, "font-medium")}
      >
        {schedule.name}
      </Link>
    ),
  },
  {
    id: "when",
    header: "When",
    width: 240,
    isGrowing: true,
    cell: ({ sentence }) => <span title={sentence}>{sentence}</span>,
  },
  {
    id: "where",
    header: "Where",
    width: 130,
    isGrowing: true,
    cell: (schedule) => <span title={placeWords(schedule)}>{placeWords(schedule)}</span>,
  },
  { id: "script", header: "Script", width: 190, cell: (schedule) => <ScriptCell schedule={schedule} /> },
  { id: "next", header: "Next run", width: 150, cell: (schedule) => <Next schedule={schedule} /> },
  { id: "last", header: "Last time", width: 155, cell: (schedule) => <Last schedule={schedule} /> },
  { id: "status", header: "Status", width: 116, cell: ({ status }) => <ScheduleStatus status={status} /> },
];

/** What is to be looked at about the version that runs. */
export function VersionNote({ schedule }: { schedule: Schedule }) {
  const words = versionWords(schedule);
  if (!words) return null;
  return (
    <span className="inline-flex h-5 shrink-0 items-center rounded bg-warn-soft px-1.5 text-warn text-xs">{words}</span>
  );
}

function ScriptCell({ schedule }: { schedule: Schedule }) {
  const { script_name: name, script_version: version } = schedule;
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span title={`${name} (version ${version})`} className="min-w-0 truncate">
        {name} <span className="text-soft">v{version}</span>
      </span>
      <VersionNote schedule={schedule} />
    </span>
  );
}

/** When it is next due, and by which clock. */
function Next({ schedule }: { schedule: Schedule }) {
  const { next_at: at, status, trigger } = schedule;
  if (!at) {
    const words = status === "active" && trigger.kind !== "cron" ? "When machines come" : "—";
    return (
      <span title={words} className="text-soft">
        {words}
      </span>
    );
  }
  return (
    <span className="flex min-w-0 gap-1.5">
      <Time value={at} />
      <span title={zoneWords(schedule)} className="min-w-0 truncate text-soft">
        {zoneWords(schedule)}
      </span>
    </span>
  );
}

/** What came of the last time, and why when nothing ran. */
export function Last({ schedule }: { schedule: Schedule }) {
  const { last_outcome: outcome, last_reason: reason, last_due_at: at } = schedule;
  if (!outcome) return <span className="text-soft">not yet</span>;
  return (
    <span title={reason ?? undefined} className="inline-flex min-w-0 items-center gap-1.5 align-middle">
      <ScheduleOutcome outcome={outcome} />
      {reason && <span className="sr-only">: {reason}</span>}
      <Time value={at} className="whitespace-nowrap text-soft" />
    </span>
  );
}

export function ScheduleCompact({ schedule }: { schedule: Schedule }) {
  const note = versionWords(schedule);
  return (
    <>
      <div className="flex items-center gap-2">
        <Link to="/schedules/$id" params={{ id: schedule.id }} className="min-w-0 flex-1 truncate font-medium">
          {schedule.name}
        </Link>
        <ScheduleStatus status={schedule.status} className="text-xs" />
      </div>
      <div className="flex gap-2 text-soft text-xs">
        <span className="min-w-0 flex-1 truncate">
          {note && <span className="text-warn">{note} · </span>}
          {schedule.sentence} · {placeWords(schedule)}
        </span>
        {schedule.next_at ? <Time value={schedule.next_at} /> : <Last schedule={schedule} />}
      </div>
    </>
  );
}
