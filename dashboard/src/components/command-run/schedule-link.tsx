import { Link } from "@tanstack/react-router";
import { CalendarClock } from "lucide-react";
import type { CommandRun } from "@/api/types";
import { formatAbsolute } from "@/lib/format";
import { CELL_LINK } from "../data-table/column";
import { useCannot } from "../me";

type Begun = Pick<CommandRun, "schedule_id" | "schedule_name">;

/** The schedule that began a run; a link for whoever may see it. */
export function ScheduleLink({ run }: { run: Begun }) {
  const cannot = useCannot("schedules.view");
  const { schedule_id: id, schedule_name: name } = run;
  if (!id || !name || cannot) return name ? `schedule ${name}` : "a schedule";
  return (
    <>
      schedule{" "}
      <Link to="/schedules/$id" params={{ id }} className="font-medium text-accent-text hover:underline">
        {name}
      </Link>
    </>
  );
}

/** Who has asked for a run; of one that began by itself, by which schedule and for what time. */
export function RunBy({ run }: { run: Begun & Pick<CommandRun, "created_by_name" | "due_at"> }) {
  const cannot = useCannot("schedules.view");
  const { schedule_id: id, schedule_name: name, due_at: due } = run;
  if (!id) return run.created_by_name ?? "—";
  const words = [`Schedule ${name ?? ""}`.trim(), `for ${run.created_by_name ?? "somebody"}`];
  if (due) words.push(`due ${formatAbsolute(due)}`);
  return (
    <span title={words.join(", ")} className="inline-flex max-w-full items-center gap-1.5">
      <CalendarClock aria-hidden className="size-3.5 shrink-0 text-soft" />
      <span className="truncate">
        <span className="sr-only">Schedule </span>
        {name && !cannot ? (
          <Link to="/schedules/$id" params={{ id }} className={CELL_LINK}>
            {name}
          </Link>
        ) : (
          (name ?? "A schedule")
        )}
      </span>
    </span>
  );
}
