import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { q } from "@/api/client";
import type { CommandRun } from "@/api/types";
import { RunLink } from "@/components/command-run/run-link";
import { useMe } from "@/components/me";
import { CommandRunStatusMark } from "@/components/status";
import { Time } from "@/components/time";
import { cn } from "@/lib/cn";
import { formatCount, plural } from "@/lib/format";
import { Queue, ROW } from "./queue";

const SHOWN = 10;

/** Runs that wait for a second person; nothing while there are none. Each leads to where it is decided. */
export function ApprovalQueue() {
  const query = useQuery(q("command_run_list", { query: { status: "awaiting_approval", limit: SHOWN } }));
  const runs = query.data?.items ?? [];
  if (runs.length === 0 && !query.error) return null;
  return (
    <Queue
      title="Runs that wait for approval"
      count={query.data?.next ? `more than ${runs.length}` : formatCount(runs.length)}
      hasMore={Boolean(query.data?.next)}
      isCalm={runs.length === 0}
      query={query}
      calm="No run waits for approval."
      all={
        <Link to="/commands" search={{ tab: "runs", run_status: "awaiting_approval" }}>
          Show all that wait
        </Link>
      }
    >
      {runs.map((run) => (
        <RunRow key={run.id} run={run} />
      ))}
    </Queue>
  );
}

function RunRow({ run }: { run: CommandRun }) {
  const isOwn = useMe()?.user.id === run.created_by;
  return (
    <li className={cn(ROW, "sm:grid-cols-[9.5rem_minmax(0,1fr)_minmax(0,1fr)_7rem]")}>
      <CommandRunStatusMark run={run} className="max-sm:text-xs" />
      <RunLink run={run} className="truncate hover:underline" />
      <span className="truncate text-soft">
        {plural(run.counts.total, "machine")}, asked by {isOwn ? "you" : (run.created_by_name ?? "somebody")}
      </span>
      <span className="text-right text-soft text-xs">
        <Time value={run.created_at} />
      </span>
    </li>
  );
}
