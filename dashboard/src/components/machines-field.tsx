import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { q } from "@/api/client";
import type { Agent, AgentFilter } from "@/api/types";
import { formatCount, plural } from "@/lib/format";
import { useDebounced } from "@/lib/hooks";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { SearchInput } from "@/ui/input";
import { Skeleton } from "@/ui/panel";
import type { AllMatching } from "./actions";
import { OS_WORD } from "./agent-name";
import { type Machine, namesOf } from "./each-machine";
import { machineOf } from "./enrolment/machine-act";
import { ErrorView } from "./feedback";
import { type Scope, scopeOf } from "./scope";
import { AgentStatus } from "./status";

const SHOWN = 50;

export interface MachineChoice {
  machines: Machine[];
  /** All that the search matches, and not only these. */
  all?: AllMatching | undefined;
}

interface MachinesFieldProps {
  value: MachineChoice;
  onValue: (value: MachineChoice) => void;
  /** Only machines of this system are offered. */
  os?: Agent["os"] | undefined;
  /** Only machines of this client or site are offered. */
  within?: Scope;
  /** Each by its name, and never all that match. */
  isByName?: boolean;
}

/** Choose machines one by one, or all that a search matches: the server searches. */
export function MachinesField({ value, onValue, os, within = {}, isByName = false }: MachinesFieldProps) {
  const [text, setText] = useState("");
  const rested = useDebounced(text.trim(), 200);
  const filter: AgentFilter = {
    ...(rested ? { search: rested } : {}),
    ...(os ? { os } : {}),
    ...scopeOf(within),
    state: "active",
  };
  const query = useQuery({
    ...q("agent_list", { query: { ...(filter as object), limit: SHOWN, count: true } }),
    placeholderData: (before) => before,
  });
  const search = (next: string) => {
    setText(next);
    // What was chosen by another search is not what is looked for now.
    if (value.all) onValue({ machines: value.machines });
  };
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1 font-medium text-ink text-sm">Machines</legend>
      <SearchInput
        value={text}
        onValue={search}
        aria-label="Search machines"
        placeholder="Name, user, address or tag"
      />
      <div className="max-h-56 overflow-y-auto rounded-md border border-line">
        {query.data ? (
          <Found
            agents={query.data.items}
            count={query.data.count ?? query.data.items.length}
            filter={filter}
            isSearched={rested !== ""}
            isByName={isByName}
            value={value}
            onValue={onValue}
          />
        ) : query.error ? (
          <ErrorView error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton className="m-3 h-24" />
        )}
      </div>
      <Chosen value={value} onClear={() => onValue({ machines: [] })} />
    </fieldset>
  );
}

interface FoundProps {
  agents: Agent[];
  count: number;
  filter: AgentFilter;
  isSearched: boolean;
  isByName: boolean;
  value: MachineChoice;
  onValue: (value: MachineChoice) => void;
}

function Found({ agents, count, filter, isSearched, isByName, value, onValue }: FoundProps) {
  if (agents.length === 0) {
    return <p className="px-3 py-6 text-center text-sm text-soft">No machine matches this.</p>;
  }
  const chosen = new Set(value.machines.map(({ id }) => id));
  const toggle = (agent: Agent, on: boolean) =>
    onValue({
      machines: on ? [...value.machines, machineOf(agent)] : value.machines.filter(({ id }) => id !== agent.id),
    });
  const all = plural(count, "machine");
  return (
    <ul aria-label="Machines that were found">
      {count > 1 && !isByName && (
        <li className="border-line border-b bg-subtle px-3 py-2">
          <Checkbox
            isLabelVisible
            label={isSearched ? `All ${all} that match` : `All ${all}`}
            checked={value.all !== undefined}
            onChecked={(on) =>
              onValue(on ? { machines: [], all: { filter: filter as AllMatching["filter"], count } } : { machines: [] })
            }
          />
        </li>
      )}
      {agents.map((agent) => (
        <li key={agent.id} className="flex items-center gap-3 border-line border-b px-3 py-1.5 last:border-b-0">
          <div className="min-w-0 flex-1">
            <Checkbox
              isLabelVisible
              label={machineOf(agent).name}
              hint={`${agent.client_name} › ${agent.site_name} · ${OS_WORD[agent.os]}`}
              checked={value.all !== undefined || chosen.has(agent.id)}
              isFixed={value.all !== undefined}
              onChecked={(on) => toggle(agent, on)}
            />
          </div>
          <AgentStatus status={agent.status} state={agent.state} className="text-xs" />
        </li>
      ))}
      {count > agents.length && (
        <li className="px-3 py-2 text-soft text-xs">
          The first {formatCount(agents.length)} of {all}. Search to find the others.
        </li>
      )}
    </ul>
  );
}

function Chosen({ value: { machines, all }, onClear }: { value: MachineChoice; onClear: () => void }) {
  const words = all
    ? `All ${plural(all.count, "machine")} that match`
    : machines.length > 0
      ? `${plural(machines.length, "machine")}: ${namesOf(machines)}`
      : "No machine is chosen yet.";
  return (
    <div className="flex min-h-7 items-center gap-2 text-sm">
      <p aria-live="polite" className="min-w-0 flex-1 break-words text-soft">
        {words}
      </p>
      {(all || machines.length > 0) && (
        <Button size="sm" variant="ghost" onClick={onClear}>
          Clear
        </Button>
      )}
    </div>
  );
}
