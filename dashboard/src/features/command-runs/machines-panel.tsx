import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Monitor, SearchX } from "lucide-react";
import { pages } from "@/api/client";
import type { Command, CommandRun } from "@/api/types";
import { StatusFilter } from "@/components/command/status-filter";
import { RUN_COMMAND_COLUMNS, RunCommandCompact } from "@/components/command-rows";
import { CsvButton } from "@/components/csv-button";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";

const commandId = (command: Command) => command.id;

/** Each machine's part of the run. */
export function MachinesPanel({ run }: { run: CommandRun }) {
  const { status } = useSearch({ from: "/app/command-runs/$id" });
  const navigate = useNavigate({ from: "/command-runs/$id" });
  const set = (next: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, status: next }), replace: true });
  const query = { run_id: run.id, ...(status ? { status } : {}) };
  const list = useInfiniteQuery(pages("command_list", query));
  return (
    <Panel
      title="Machines"
      actions={
        <span className="flex flex-wrap items-center justify-end gap-2 py-1">
          <StatusFilter value={status} onValue={set} />
          <CsvButton operation="command_list" query={query} columns={RUN_COMMAND_COLUMNS} fileName="run" />
        </span>
      }
      className="mt-4"
      bodyClassName="flex h-128 flex-col p-0"
    >
      <DataTable
        label="Machines of this run"
        noun="machines"
        query={list}
        view={query}
        columns={RUN_COMMAND_COLUMNS}
        rowId={commandId}
        rowLabel={(command) => command.agent_name}
        compact={(command) => <RunCommandCompact command={command} />}
        onRow={(command) => void navigate({ to: "/commands/$id", params: { id: command.id } })}
        empty={
          status ? (
            <EmptyState
              icon={SearchX}
              title="Nothing matches"
              action={<Button onClick={() => set(undefined)}>Show all machines</Button>}
            >
              No machine of this run stands so.
            </EmptyState>
          ) : (
            <EmptyState icon={Monitor} title="No machine is left of it">
              They were deleted, and their commands with them.
            </EmptyState>
          )
        }
        className="border-t-0 bg-transparent"
      />
    </Panel>
  );
}
