import type { CommandRun } from "@/api/types";
import { CELL_LINK, type Column } from "../data-table/column";
import { CommandRunStatusMark } from "../status";
import { Time } from "../time";
import { ProgressLine } from "./progress";
import { RunLink } from "./run-link";
import { RunBy } from "./schedule-link";

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
  { id: "by", header: "By", width: 150, cell: (run) => <RunBy run={run} /> },
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
