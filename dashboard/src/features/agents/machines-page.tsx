import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Monitor, Plus, SearchX } from "lucide-react";
import { useMemo, useState } from "react";
import { pages } from "@/api/client";
import type { Agent } from "@/api/types";
import { openAddMachine } from "@/components/actions";
import { agentName } from "@/components/agent-name";
import { CsvButton } from "@/components/csv-button";
import type { Sort } from "@/components/data-table/column";
import { ColumnChooser } from "@/components/data-table/column-chooser";
import { DataTable, rowsOf } from "@/components/data-table/data-table";
import { useColumns } from "@/components/data-table/use-columns";
import { EmptyState } from "@/components/feedback";
import { useCannot } from "@/components/me";
import { FilterBar, Page } from "@/components/page";
import { scopeOf } from "@/components/scope";
import { useSearchText } from "@/components/use-search-text";
import { Button } from "@/ui/button";
import { SearchInput, Select } from "@/ui/input";
import { BulkBar } from "./bulk-bar";
import { AGENT_COLUMNS, AgentCompact } from "./columns";
import { SavedViews } from "./saved-views";
import type { MachinesSearch } from "./search";

const agentId = (agent: Agent) => agent.id;
const NONE: ReadonlySet<string> = new Set();

/** The fleet: every machine of the chosen scope, searched and sorted by the server. */
export function MachinesPage() {
  const search = useSearch({ from: "/app/machines" });
  const navigate = useNavigate({ from: "/machines" });
  const set = (change: Partial<MachinesSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const [text, setText] = useSearchText(search.search, (next) => set({ search: next }, true));
  const { client_id: _client, site_id: _site, ...filters } = search;
  const scope = scopeOf(search);
  const query = { ...JSON.parse(JSON.stringify(filters)), ...scope };
  const list = useInfiniteQuery(pages("agent_list", query));
  const columns = useColumns("machines", AGENT_COLUMNS);
  const sort: Sort = { by: search.sort ?? "name", order: search.order ?? "asc" };
  const [selected, setSelected] = useState(NONE);
  const rows = rowsOf(list.data);
  // What the filters hide is not acted upon: the bar counts what the reader sees.
  const chosen = useMemo(() => rows.filter((agent) => selected.has(agent.id)), [rows, selected]);
  const isFiltered = Boolean(search.search || search.status || search.os);
  return (
    <Page
      title="Machines"
      actions={
        <>
          <SavedViews search={search} columns={columns.choice} onColumns={columns.setChoice} />
          <ColumnChooser columns={AGENT_COLUMNS} isVisible={columns.isVisible} setVisible={columns.setVisible} />
          <CsvButton operation="agent_list" query={query} columns={columns.visible} fileName="machines" />
        </>
      }
    >
      <FilterBar>
        <SearchInput
          value={text}
          onValue={setText}
          aria-label="Search machines"
          placeholder="Name, user or address"
          className="w-64 max-sm:w-full"
        />
        <Select
          aria-label="Status"
          value={search.status ?? ""}
          onChange={(event) => set({ status: (event.target.value || undefined) as MachinesSearch["status"] })}
          className="max-sm:flex-1"
        >
          <option value="">Any status</option>
          <option value="online">Online</option>
          <option value="offline">Offline</option>
        </Select>
        <Select
          aria-label="System"
          value={search.os ?? ""}
          onChange={(event) => set({ os: (event.target.value || undefined) as MachinesSearch["os"] })}
          className="max-sm:flex-1"
        >
          <option value="">Any system</option>
          <option value="linux">Linux</option>
          <option value="windows">Windows</option>
          <option value="macos">macOS</option>
        </Select>
        {isFiltered && (
          <Button variant="ghost" onClick={() => set({ search: undefined, status: undefined, os: undefined })}>
            Clear filters
          </Button>
        )}
      </FilterBar>
      <DataTable
        label="Machines"
        noun="machines"
        query={list}
        view={query}
        columns={columns.visible}
        allColumns={AGENT_COLUMNS}
        rowId={agentId}
        rowLabel={agentName}
        compact={(agent) => <AgentCompact agent={agent} />}
        onRow={(agent) => void navigate({ to: "/machines/$id", params: { id: agent.id } })}
        sort={sort}
        onSort={(next) => set({ sort: next.by as MachinesSearch["sort"], order: next.order })}
        selection={{ ids: selected, onChange: setSelected }}
        empty={
          <NoMachines
            isFiltered={isFiltered}
            siteId={scope.site_id}
            onClear={() => set({ search: undefined, status: undefined, os: undefined })}
          />
        }
      />
      {chosen.length > 0 && (
        <BulkBar
          agents={chosen.map((agent) => ({ id: agent.id, name: agentName(agent) }))}
          onSelect={(agents) => setSelected(new Set(agents.map(({ id }) => id)))}
        />
      )}
    </Page>
  );
}

function NoMachines({
  isFiltered,
  siteId,
  onClear,
}: {
  isFiltered: boolean;
  siteId: string | undefined;
  onClear: () => void;
}) {
  const cannot = useCannot("site_keys.edit");
  if (isFiltered) {
    return (
      <EmptyState icon={SearchX} title="Nothing matches" action={<Button onClick={onClear}>Remove the filters</Button>}>
        No machine of the chosen clients matches the search and the filters.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Monitor}
      title="No machines yet"
      action={
        <Button variant="primary" onClick={() => openAddMachine(siteId)} disabledReason={cannot}>
          <Plus /> Add the first one
        </Button>
      }
    >
      Run one line on a machine and it appears here within seconds.
    </EmptyState>
  );
}
