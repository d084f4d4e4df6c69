import { Link } from "@tanstack/react-router";
import type { Command } from "@/api/types";
import { cn } from "@/lib/cn";
import { formatDuration } from "@/lib/format";
import { CELL_LINK, type Column } from "./data-table/column";
import { CommandStatusMark } from "./status";
import { Time } from "./time";

/** The first line of a script says most; the whole is on the command's page. */
export const firstLine = (command: string): string => {
  const lines = command.trim().split("\n");
  return lines.length > 1 ? `${lines[0]} …` : (lines[0] ?? "");
};

const statusColumn: Column<Command> = {
  id: "status",
  header: "Status",
  width: 170,
  cell: (row) => <CommandStatusMark status={row.status} />,
  csv: (row) => row.status,
};
const commandColumn: Column<Command> = {
  id: "command",
  header: "Command",
  width: 220,
  isGrowing: true,
  isFixed: true,
  cell: (row) => (
    <Link
      to="/commands/$id"
      params={{ id: row.id }}
      title={row.command}
      className={cn(CELL_LINK, "font-mono text-xs leading-6")}
    >
      {firstLine(row.command)}
    </Link>
  ),
  csv: (row) => row.command,
};
const machineColumn: Column<Command> = {
  id: "machine",
  header: "Machine",
  width: 150,
  isGrowing: true,
  cell: (row) => (
    <Link to="/machines/$id" params={{ id: row.agent_id }} className={CELL_LINK}>
      {row.agent_name}
    </Link>
  ),
  csv: (row) => row.agent_name,
};
const siteColumn: Column<Command> = {
  id: "site",
  header: "Site",
  width: 160,
  isGrowing: true,
  cell: (row) => (
    <span className="text-soft">
      {row.client_name} › {row.site_name}
    </span>
  ),
  csv: (row) => `${row.client_name} / ${row.site_name}`,
};
const exitColumn: Column<Command> = {
  id: "exit",
  header: "Exit code",
  width: 80,
  align: "right",
  cell: (row) => <span className="font-mono text-xs">{row.exit_code ?? "—"}</span>,
  csv: (row) => row.exit_code,
};
const durationColumn: Column<Command> = {
  id: "duration",
  header: "Took",
  width: 90,
  align: "right",
  cell: (row) => (row.duration_ms === null || row.duration_ms === undefined ? "—" : formatDuration(row.duration_ms)),
  csv: (row) => row.duration_ms,
};
const byColumn: Column<Command> = {
  id: "by",
  header: "By",
  width: 130,
  cell: (row) => row.created_by_name ?? "—",
  csv: (row) => row.created_by_name,
};
const createdColumn: Column<Command> = {
  id: "created",
  header: "Created",
  width: 120,
  cell: (row) => <Time value={row.created_at} />,
  csv: (row) => row.created_at,
};

export const COMMAND_COLUMNS = [
  statusColumn,
  commandColumn,
  machineColumn,
  siteColumn,
  exitColumn,
  durationColumn,
  byColumn,
  createdColumn,
];
export const MACHINE_COMMAND_COLUMNS = [
  statusColumn,
  commandColumn,
  exitColumn,
  durationColumn,
  byColumn,
  createdColumn,
];

/** A machine's part of a run, which leads to its command: the text is that of all. */
const partColumn: Column<Command> = {
  id: "machine",
  header: "Machine",
  width: 180,
  isGrowing: true,
  isFixed: true,
  cell: (row) => (
    <Link to="/commands/$id" params={{ id: row.id }} className={cn(CELL_LINK, "font-medium")}>
      {row.agent_name}
    </Link>
  ),
  csv: (row) => row.agent_name,
};
const reasonColumn: Column<Command> = {
  id: "reason",
  header: "Why",
  width: 160,
  isGrowing: true,
  cell: (row) => (
    <span title={row.status_reason ?? undefined} className="text-soft">
      {row.status_reason ?? ""}
    </span>
  ),
  csv: (row) => row.status_reason,
};
const finishedColumn: Column<Command> = {
  id: "finished",
  header: "Finished",
  width: 110,
  cell: (row) => <Time value={row.finished_at} />,
  csv: (row) => row.finished_at,
};

export const RUN_COMMAND_COLUMNS = [
  statusColumn,
  partColumn,
  siteColumn,
  reasonColumn,
  exitColumn,
  durationColumn,
  finishedColumn,
];

export function RunCommandCompact({ command }: { command: Command }) {
  return (
    <>
      <div className="flex items-center gap-2">
        <Link to="/commands/$id" params={{ id: command.id }} className="min-w-0 flex-1 truncate font-medium">
          {command.agent_name}
        </Link>
        <CommandStatusMark status={command.status} className="text-xs" />
      </div>
      <div className="flex gap-2 text-soft text-xs">
        <span className="min-w-0 flex-1 truncate">
          {command.status_reason ?? `${command.client_name} › ${command.site_name}`}
        </span>
        {typeof command.exit_code === "number" && <span>exit code {command.exit_code}</span>}
      </div>
    </>
  );
}

export function CommandCompact({ command, isMachineShown }: { command: Command; isMachineShown: boolean }) {
  return (
    <>
      <div className="flex items-center gap-2">
        <Link to="/commands/$id" params={{ id: command.id }} className="min-w-0 flex-1 truncate font-mono text-xs">
          {firstLine(command.command)}
        </Link>
        <CommandStatusMark status={command.status} className="text-xs" />
      </div>
      <div className="flex gap-2 text-soft text-xs">
        <span className="min-w-0 flex-1 truncate">
          {isMachineShown ? command.agent_name : (command.created_by_name ?? "")}
        </span>
        <Time value={command.created_at} />
      </div>
    </>
  );
}
