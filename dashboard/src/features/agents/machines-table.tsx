import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Monitor, Plus, SearchX } from "lucide-react";
import { useMemo, useState } from "react";
import { pages } from "@/api/client";
import type { Query } from "@/api/operations";
import type { Agent } from "@/api/types";
import { openAddMachine } from "@/components/actions";
import { agentName } from "@/components/agent-name";
import type { Column, Sort } from "@/components/data-table/column";
import { DataTable, rowsOf } from "@/components/data-table/data-table";
import { machineOf } from "@/components/enrolment/machine-act";
import { EmptyState } from "@/components/feedback";
import { useCannotIn } from "@/components/me";
import { useFullScope, useScope } from "@/components/scope";
import { Button } from "@/ui/button";
import { BulkBar } from "./bulk-bar";
import { AgentCompact } from "./columns";

const agentId = (agent: Agent) => agent.id;
const compact = (agent: Agent) => <AgentCompact agent={agent} />;
const NONE: ReadonlySet<string> = new Set();

interface MachinesTableProps {
  query: Query<"agent_list">;
  columns: Column<Agent>[];
  allColumns: Column<Agent>[];
  sort: Sort;
  onSort: (sort: Sort) => void;
  isFiltered: boolean;
  onClear: () => void;
}

/** The rows and what is done with the selected ones. Apart from the page, which has no part in what the machines report. */
export function MachinesTable({ query, columns, allColumns, sort, onSort, isFiltered, onClear }: MachinesTableProps) {
  const navigate = useNavigate({ from: "/machines" });
  const list = useInfiniteQuery(pages("agent_list", query));
  const [selected, setSelected] = useState(NONE);
  // What the filters hide is not acted upon: the bar counts what the reader sees.
  const chosen = useMemo(
    () => (selected.size > 0 ? rowsOf(list.data).filter((agent) => selected.has(agent.id)) : []),
    [list.data, selected],
  );
  return (
    <>
      <DataTable
        label="Machines"
        noun="machines"
        query={list}
        view={query}
        columns={columns}
        allColumns={allColumns}
        rowId={agentId}
        rowLabel={agentName}
        compact={compact}
        onRow={(agent) => void navigate({ to: "/machines/$id", params: { id: agent.id } })}
        sort={sort}
        onSort={onSort}
        selection={{ ids: selected, onChange: setSelected }}
        empty={<NoMachines isFiltered={isFiltered} onClear={onClear} />}
      />
      {chosen.length > 0 && (
        <BulkBar
          agents={chosen.map(machineOf)}
          onSelect={(agents) => setSelected(new Set(agents.map(({ id }) => id)))}
        />
      )}
    </>
  );
}

interface NoMachinesProps {
  isFiltered: boolean;
  onClear: () => void;
}

function NoMachines({ isFiltered, onClear }: NoMachinesProps) {
  const scope = useScope();
  const cannot = useCannotIn("site_keys.edit", useFullScope());
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
        <Button variant="primary" onClick={() => openAddMachine(scope.site_id)} disabledReason={cannot}>
          <Plus /> Add the first one
        </Button>
      }
    >
      Run one line on a machine and it appears here within seconds.
    </EmptyState>
  );
}
