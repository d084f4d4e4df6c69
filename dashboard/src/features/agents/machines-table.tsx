import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Monitor, Plus, SearchX } from "lucide-react";
import { useMemo } from "react";
import { pages } from "@/api/client";
import type { Query } from "@/api/operations";
import type { Agent } from "@/api/types";
import { openAddMachine } from "@/components/actions";
import { agentName } from "@/components/agent-name";
import type { Column, Sort } from "@/components/data-table/column";
import { countOf, DataTable, rowsOf } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { useActedOn } from "@/components/machine-actions/acted-on";
import { MachineItems } from "@/components/machine-actions/machine-menu";
import type { Target } from "@/components/machine-actions/open-action";
import { useCannotIn } from "@/components/me";
import { useFullScope, useScope } from "@/components/scope";
import { Button } from "@/ui/button";
import { BulkBar } from "./bulk-bar";
import { AgentCompact } from "./columns";
import { useSelection } from "./use-selection";

const agentId = (agent: Agent) => agent.id;
const compact = (agent: Agent) => <AgentCompact agent={agent} />;
const rowMenu = (agent: Agent) => <MachineItems target={{ machines: [agent] }} />;
const idsOf = (machines: readonly { id: string }[]): ReadonlySet<string> => new Set(machines.map(({ id }) => id));

/** The selected machines, as far as there are any. Those to which something could not be done stay selected. */
function useSelected({ chosen, meant, select }: ReturnType<typeof useSelection>): Target | undefined {
  return useMemo(() => {
    if (chosen.length === 0) return undefined;
    return { machines: chosen, all: meant, onDone: (left) => select(idsOf(left)) };
  }, [chosen, meant, select]);
}

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
  const rows = useMemo(() => rowsOf(list.data), [list.data]);
  const selection = useSelection({ query, rows, count: countOf(list.data), isOld: list.isPlaceholderData });
  const target = useSelected(selection);
  useActedOn(target);
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
        selection={{ ids: selection.ids, onChange: selection.select }}
        rowMenu={rowMenu}
        empty={<NoMachines isFiltered={isFiltered} onClear={onClear} />}
      />
      {target && (
        <BulkBar
          target={target}
          all={selection.all}
          isFiltered={isFiltered}
          onSelect={(agents) => selection.select(idsOf(agents))}
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
