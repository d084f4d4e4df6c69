import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { q } from "@/api/client";
import type { Agent } from "@/api/types";
import { useDebounced } from "@/lib/hooks";
import { Combobox } from "@/ui/combobox";
import type { FieldControl } from "@/ui/field";
import { agentName, OS_WORD } from "./agent-name";

interface MachinePickerProps {
  control?: FieldControl;
  value: Agent | undefined;
  onValue: (agent: Agent) => void;
  /** Why a machine cannot be chosen. */
  whyNot?: (agent: Agent) => string | undefined;
}

/** Choose one machine of any number: the server searches. */
export function MachinePicker({ control, value, onValue, whyNot }: MachinePickerProps) {
  const [search, setSearch] = useState("");
  const rested = useDebounced(search.trim(), 200);
  const query = useQuery({
    ...q("agent_list", { query: { ...(rested ? { search: rested } : {}), state: "active", limit: 50 } }),
    placeholderData: (before) => before,
  });
  const agents = query.data?.items ?? [];
  return (
    <Combobox
      {...(control ? { control } : {})}
      label="Machine"
      value={value?.id}
      valueLabel={value && agentName(value)}
      isValueLabelShown
      onValue={(option) => {
        const chosen = agents.find(({ id }) => id === option.value);
        if (chosen) onValue(chosen);
      }}
      options={agents.map((agent) => ({
        value: agent.id,
        label: agentName(agent),
        hint: `${OS_WORD[agent.os]}, ${agent.status}`,
        disabledReason: whyNot?.(agent),
      }))}
      search={search}
      onSearch={setSearch}
      placeholder="Choose a machine"
      emptyText={
        query.isError ? "The machines could not be loaded." : query.isPending ? "Loading…" : "No machine matches this."
      }
    />
  );
}
