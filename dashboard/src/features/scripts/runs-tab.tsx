import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Layers } from "lucide-react";
import { pages } from "@/api/client";
import type { CommandRun, Script } from "@/api/types";
import { ProgressLine } from "@/components/command-run/progress";
import { RunBy } from "@/components/command-run/schedule-link";
import { CELL_LINK, type Column } from "@/components/data-table/column";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { CommandRunStatusMark } from "@/components/status";
import { Time } from "@/components/time";
import { formatAbsolute, formatCount, plural } from "@/lib/format";
import { COUNTED } from "./success-rate";

const COLUMNS: Column<CommandRun>[] = [
  {
    id: "status",
    header: "Status",
    width: 170,
    isFixed: true,
    cell: (run) => (
      <Link to="/command-runs/$id" params={{ id: run.id }} className={CELL_LINK}>
        <CommandRunStatusMark run={run} />
      </Link>
    ),
  },
  { id: "version", header: "Version", width: 90, cell: (run) => run.script_version ?? "—" },
  {
    id: "progress",
    header: "Machines",
    width: 280,
    isGrowing: true,
    cell: (run) => <ProgressLine counts={run.counts} />,
  },
  { id: "given", header: "Given", width: 200, isGrowing: true, cell: (run) => <Given run={run} /> },
  { id: "by", header: "By", width: 150, cell: (run) => <RunBy run={run} /> },
  { id: "created", header: "Created", width: 120, cell: (run) => <Time value={run.created_at} /> },
];

const givenWords = ({ parameters }: CommandRun): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");

function Given({ run }: { run: CommandRun }) {
  const words = givenWords(run);
  return (
    <span title={words} className="font-mono text-soft text-xs">
      {words || "—"}
    </span>
  );
}

const runId = (run: CommandRun) => run.id;
const whenWords = (run: CommandRun) => `Run of ${formatAbsolute(run.created_at)}`;

/** What was run of a script, the newest first. */
export function RunsTab({ script }: { script: Script }) {
  const navigate = useNavigate();
  const list = useInfiniteQuery(pages("command_run_list", { script_id: script.id }, { limit: 50 }));
  return (
    <>
      <p className="px-4 py-2.5 text-sm text-soft max-md:px-3">{outcomeWords(script)}</p>
      <DataTable
        label="Runs of this script"
        noun="runs"
        query={list}
        columns={COLUMNS}
        rowId={runId}
        rowLabel={whenWords}
        compact={(run) => <RunCompact run={run} />}
        onRow={(run) => void navigate({ to: "/command-runs/$id", params: { id: run.id } })}
        empty={
          <EmptyState icon={Layers} title="It was not run yet">
            Run it from the button above, or try it in the editor.
          </EmptyState>
        }
      />
    </>
  );
}

function outcomeWords({ ended_count: ended, completed_count: completed }: Script): string {
  if (ended === 0) return "No command of it has ended in the last 90 days.";
  return `${formatCount(completed)} of ${plural(ended, "command")} completed: ${COUNTED}.`;
}

function RunCompact({ run }: { run: CommandRun }) {
  return (
    <>
      <div className="flex items-center gap-2">
        <Link to="/command-runs/$id" params={{ id: run.id }} className="min-w-0 flex-1 truncate">
          Version {run.script_version ?? "?"}
          {run.created_by_name ? `, by ${run.created_by_name}` : ""}
        </Link>
        <CommandRunStatusMark run={run} className="text-xs" />
      </div>
      <div className="flex items-center gap-3 text-xs">
        <ProgressLine counts={run.counts} className="min-w-0 flex-1" />
        <span className="text-soft">
          <Time value={run.created_at} />
        </span>
      </div>
    </>
  );
}
