import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Layers } from "lucide-react";
import { pages } from "@/api/client";
import type { CommandRun, Schedule } from "@/api/types";
import { RUN_COLUMNS, RunCompact } from "@/components/command-run/run-columns";
import { runTitle } from "@/components/command-run/run-title";
import type { Column } from "@/components/data-table/column";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { Time } from "@/components/time";

/** By whom is plain here; for what time is not. */
const COLUMNS: Column<CommandRun>[] = [
  ...RUN_COLUMNS.filter(({ id }) => id !== "by"),
  { id: "due", header: "Due", width: 120, cell: (run) => <Time value={run.due_at} /> },
];

const runId = (run: CommandRun) => run.id;

/** What a schedule has begun, the newest first. */
export function RunsTab({ schedule }: { schedule: Schedule }) {
  const navigate = useNavigate();
  const list = useInfiniteQuery(pages("command_run_list", { schedule_id: schedule.id }, { limit: 50 }));
  return (
    <DataTable
      label="Runs of this schedule"
      noun="runs"
      query={list}
      columns={COLUMNS}
      rowId={runId}
      rowLabel={runTitle}
      compact={(run) => <RunCompact run={run} />}
      onRow={(run) => void navigate({ to: "/command-runs/$id", params: { id: run.id } })}
      className="border-t-0"
      empty={
        <EmptyState icon={Layers} title="It has begun nothing yet">
          Each time that it is due, or that machines come, a run appears here.
        </EmptyState>
      }
    />
  );
}
