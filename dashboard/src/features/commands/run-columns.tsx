import type { CommandRun } from "@/api/types";
import { ProgressLine } from "@/components/command-run/progress";
import { RunLink } from "@/components/command-run/run-link";
import { CELL_LINK, type Column } from "@/components/data-table/column";
import { CommandRunStatusMark } from "@/components/status";
import { Time } from "@/components/time";

export const RUN_COLUMNS: Column<CommandRun>[] = [
  { id: "status", header: "Status", width: 170, cell: (run) => <CommandRunStatusMark run={run} /> },
  {
    id: "command",
    header: "Command",
    width: 220,
    isGrowing: true,
    isFixed: true,
    cell: (run) => <RunLink run={run} className={CELL_LINK} />,
  },
  {
    id: "progress",
    header: "Machines",
    width: 280,
    isGrowing: true,
    cell: (run) => <ProgressLine counts={run.counts} />,
  },
  { id: "by", header: "By", width: 150, cell: (run) => run.created_by_name ?? "—" },
  { id: "created", header: "Created", width: 120, cell: (run) => <Time value={run.created_at} /> },
];

export function RunCompact({ run }: { run: CommandRun }) {
  return (
    <>
      <div className="flex items-center gap-2">
        <RunLink run={run} className="min-w-0 flex-1 truncate" />
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
