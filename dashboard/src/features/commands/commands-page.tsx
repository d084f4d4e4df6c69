import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { SearchX, SquareTerminal } from "lucide-react";
import { useMemo } from "react";
import { pages } from "@/api/client";
import type { Command } from "@/api/types";
import { StatusFilter } from "@/components/command/status-filter";
import { COMMAND_COLUMNS, CommandCompact } from "@/components/command-rows";
import { CsvButton } from "@/components/csv-button";
import { ColumnChooser } from "@/components/data-table/column-chooser";
import { DataTable } from "@/components/data-table/data-table";
import { useColumns } from "@/components/data-table/use-columns";
import { EmptyState } from "@/components/feedback";
import { FilterBar, Page } from "@/components/page";
import { PeriodSelect } from "@/components/period-select";
import { scopeOf } from "@/components/scope";
import { useSearchText } from "@/components/use-search-text";
import { Button } from "@/ui/button";
import { SearchInput } from "@/ui/input";
import { Tabs } from "@/ui/tabs";
import { RunsTab } from "./runs-tab";
import type { CommandsTab } from "./search";
import { WaitingTab } from "./waiting-tab";

const commandId = (command: Command) => command.id;

/** Every command that was run in the chosen scope, the newest first; what waits for a machine; the runs on many. */
export function CommandsPage() {
  const search = useSearch({ from: "/app/commands" });
  const navigate = useNavigate({ from: "/commands" });
  const set = (change: object, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const [text, setText] = useSearchText(search.search, (next) => set({ search: next }, true));
  const { client_id, site_id, search: words, status, period } = search;
  const query = useMemo(
    () => ({
      ...scopeOf({ client_id, site_id }),
      ...(words ? { search: words } : {}),
      ...(status ? { status } : {}),
    }),
    [client_id, site_id, words, status],
  );
  const tab = search.tab ?? "all";
  const list = useInfiniteQuery({ ...pages("command_list", query, { period }), enabled: tab === "all" });
  const columns = useColumns("commands", COMMAND_COLUMNS);
  const isFiltered = Boolean(words || status || period);
  const clear = () => set({ search: undefined, status: undefined, period: undefined });
  const all = (
    <>
      <div className="pt-2.5">
        <FilterBar>
          <SearchInput
            value={text}
            onValue={setText}
            aria-label="Search commands"
            placeholder="Text of the command"
            className="w-64 max-sm:w-full"
          />
          <StatusFilter value={status} onValue={(next) => set({ status: next })} />
          <PeriodSelect value={period} onValue={(next) => set({ period: next })} />
          {isFiltered && (
            <Button variant="ghost" onClick={clear}>
              Clear filters
            </Button>
          )}
        </FilterBar>
      </div>
      <DataTable
        label="Commands"
        noun="commands"
        query={list}
        view={[query, period]}
        columns={columns.visible}
        rowId={commandId}
        rowLabel={(command) => command.command}
        compact={(command) => <CommandCompact command={command} isMachineShown />}
        onRow={(command) => void navigate({ to: "/commands/$id", params: { id: command.id } })}
        empty={
          isFiltered ? (
            <EmptyState
              icon={SearchX}
              title="Nothing matches"
              action={<Button onClick={clear}>Remove the filters</Button>}
            >
              No command of the chosen clients matches the search and the filters.
            </EmptyState>
          ) : (
            <EmptyState icon={SquareTerminal} title="No command has been run yet">
              Open a machine and run one there, or select several in the fleet table and run it on all.
            </EmptyState>
          )
        }
      />
    </>
  );
  return (
    <Page
      title="Commands"
      actions={
        tab === "all" && (
          <>
            <ColumnChooser columns={COMMAND_COLUMNS} isVisible={columns.isVisible} setVisible={columns.setVisible} />
            <CsvButton
              operation="command_list"
              query={query}
              period={period}
              columns={columns.visible}
              fileName="commands"
            />
          </>
        )
      }
    >
      <Tabs<CommandsTab>
        label="Commands"
        value={tab}
        onValue={(next) => set({ tab: next === "all" ? undefined : next }, true)}
        tabs={[
          { value: "all", label: "All", content: all },
          { value: "waiting", label: "Waiting", content: <WaitingTab /> },
          { value: "runs", label: "Runs", content: <RunsTab /> },
        ]}
      />
    </Page>
  );
}
