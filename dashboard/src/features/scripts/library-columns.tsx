import { Link } from "@tanstack/react-router";
import { ChevronRight, Folder } from "lucide-react";
import type { ReactNode } from "react";
import type { Script } from "@/api/types";
import { CELL_LINK, type Column } from "@/components/data-table/column";
import { platformWords } from "@/components/script/use-cannot-run-script";
import { ScriptState } from "@/components/status";
import { Time } from "@/components/time";
import { cn } from "@/lib/cn";
import { plural } from "@/lib/format";
import type { FolderRow, LibraryRow, ScriptRow } from "./folders";
import { SuccessRate } from "./success-rate";

const STEP = 20;
const ALL = 3;

const systemsOf = ({ platforms }: Script): string =>
  platforms.length === ALL ? "All systems" : platformWords(platforms);

/** A folder opens and closes by its name. */
export function FolderName({ row, onToggle }: { row: FolderRow; onToggle: (path: string) => void }) {
  return (
    <button
      type="button"
      data-row-focus
      aria-expanded={row.isOpen}
      onClick={() => onToggle(row.path)}
      style={{ paddingLeft: row.depth * STEP }}
      className="inline-flex min-h-6 max-w-full items-center gap-1.5 font-medium"
    >
      <ChevronRight
        aria-hidden
        className={cn("size-4 shrink-0 text-soft transition-transform", row.isOpen && "rotate-90")}
      />
      <Folder aria-hidden className="size-4 shrink-0 text-soft" />
      <span className="truncate">{row.name}</span>
      <span className="shrink-0 font-normal text-soft text-xs">{plural(row.count, "script")}</span>
    </button>
  );
}

function ScriptName({ row: { script, depth } }: { row: ScriptRow }) {
  return (
    // As far in as the name of its folder begins.
    <span className="flex min-w-0 items-baseline gap-2" style={{ paddingLeft: depth * STEP + (depth > 0 ? 24 : 0) }}>
      <Link to="/scripts/$id" params={{ id: script.id }} className={cn(CELL_LINK, "shrink-0 font-medium")}>
        {script.name}
      </Link>
      <span title={script.description} className="min-w-0 truncate text-soft text-xs">
        {script.description.split("\n")[0]}
      </span>
    </span>
  );
}

/** Of a folder there is nothing to say but its name. */
const ofScript =
  (cell: (row: ScriptRow) => ReactNode) =>
  (row: LibraryRow): ReactNode =>
    row.kind === "script" ? cell(row) : null;

export const libraryColumns = (onToggle: (path: string) => void): Column<LibraryRow>[] => [
  {
    id: "name",
    header: "Name",
    width: 320,
    isGrowing: true,
    isFixed: true,
    cell: (row) => (row.kind === "folder" ? <FolderName row={row} onToggle={onToggle} /> : <ScriptName row={row} />),
  },
  {
    id: "platforms",
    header: "Systems",
    width: 150,
    cell: ofScript(({ script }) => systemsOf(script)),
  },
  {
    id: "interpreter",
    header: "Interpreter",
    width: 110,
    cell: ofScript(({ script }) => (
      <code title={script.interpreter} className="font-mono text-xs">
        {script.interpreter}
      </code>
    )),
  },
  { id: "state", header: "State", width: 170, cell: ofScript(({ script }) => <ScriptState script={script} />) },
  {
    id: "success",
    header: "Completed, 90 days",
    width: 140,
    cell: ofScript(({ script }) => <SuccessRate script={script} />),
  },
  {
    id: "last",
    header: "Last run",
    width: 110,
    cell: ofScript(({ script }) => <Time value={script.last_run_at} empty="—" />),
  },
];

export function LibraryCompact({ row, onToggle }: { row: LibraryRow; onToggle: (path: string) => void }) {
  if (row.kind === "folder") return <FolderName row={row} onToggle={onToggle} />;
  const { script, depth } = row;
  return (
    <div style={{ paddingLeft: depth * STEP }}>
      <div className="flex items-center gap-2">
        <Link to="/scripts/$id" params={{ id: script.id }} className="min-w-0 flex-1 truncate font-medium">
          {script.name}
        </Link>
        <ScriptState script={script} className="text-xs" />
      </div>
      <div className="flex gap-2 text-soft text-xs">
        <span className="min-w-0 flex-1 truncate">
          {systemsOf(script)} · {script.interpreter}
        </span>
        <SuccessRate script={script} />
      </div>
    </div>
  );
}
