import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Layers, SearchX } from "lucide-react";
import { pages } from "@/api/client";
import type { CommandRun, CommandRunStatus } from "@/api/types";
import { RUN_COLUMNS, RunCompact } from "@/components/command-run/run-columns";
import { runTitle } from "@/components/command-run/run-title";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { FilterBar } from "@/components/page";
import { useScope } from "@/components/scope";
import { COMMAND_RUN_STATUSES, commandRunStatusWord } from "@/components/status";
import { Button } from "@/ui/button";
import { Select } from "@/ui/input";

const runId = (run: CommandRun) => run.id;

/** What was asked for on many machines at once, the newest first. */
export function RunsTab() {
  const { run_status: status } = useSearch({ from: "/app/commands" });
  const navigate = useNavigate({ from: "/commands" });
  const scope = useScope();
  const set = (next: CommandRunStatus | undefined) =>
    void navigate({ search: (before) => ({ ...before, run_status: next }) });
  const list = useInfiniteQuery(pages("command_run_list", status ? { status } : {}, { limit: 50 }));
  return (
    <>
      <div className="pt-2.5">
        <FilterBar>
          <Select
            aria-label="Status"
            value={status ?? ""}
            onChange={(event) => set((event.target.value || undefined) as CommandRunStatus | undefined)}
            className="max-sm:flex-1"
          >
            <option value="">Any status</option>
            {COMMAND_RUN_STATUSES.map((one) => (
              <option key={one} value={one}>
                {commandRunStatusWord(one)}
              </option>
            ))}
          </Select>
          {(scope.client_id || scope.site_id) && (
            <p className="text-soft text-xs">Runs reach across clients: the chosen one does not narrow this list.</p>
          )}
        </FilterBar>
      </div>
      <DataTable
        label="Runs"
        noun="runs"
        query={list}
        view={status}
        columns={RUN_COLUMNS}
        rowId={runId}
        rowLabel={runTitle}
        compact={(run) => <RunCompact run={run} />}
        onRow={(run) => void navigate({ to: "/command-runs/$id", params: { id: run.id } })}
        empty={<NoRuns isFiltered={status !== undefined} onClear={() => set(undefined)} />}
      />
    </>
  );
}

function NoRuns({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (isFiltered) {
    return (
      <EmptyState icon={SearchX} title="Nothing matches" action={<Button onClick={onClear}>Remove the filter</Button>}>
        No run stands so.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Layers}
      title="Nothing was run on many machines yet"
      action={
        <Button asChild>
          <Link to="/machines">Choose machines</Link>
        </Button>
      }
    >
      Select several machines in their list and run a command on them: here you follow it, stop it, and repeat it where
      it failed.
    </EmptyState>
  );
}
