import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Building2, Ellipsis, MapPin, Monitor } from "lucide-react";
import { useState } from "react";
import type { Agent } from "@/api/types";
import { agentName } from "@/components/agent-name";
import { actedOnStore } from "@/components/machine-actions/acted-on";
import { useMachineActions } from "@/components/machine-actions/use-machine-actions";
import { AgentStatus } from "@/components/status";
import { useDebounced } from "@/lib/hooks";
import { useStore } from "@/lib/store";
import { toast } from "@/ui/toaster";
import { useNav } from "./nav";
import { ActionGroup, actionValue, withWords } from "./palette-actions";
import { usePaletteCommands } from "./palette-commands";
import { useFound } from "./palette-found";
import { Group, Item, Keys } from "./palette-parts";
import type { usePaletteRun } from "./palette-run";

interface PaletteSearchProps {
  text: string;
  onText: (text: string) => void;
  /** What can be done with a machine that was found is looked at. */
  onMachine: (machine: Agent) => void;
  run: ReturnType<typeof usePaletteRun>;
}

const NOTHING: Agent[] = [];

/** What the page is about and what can be done with it, what has these words, every page, and what can be done anywhere. */
export function PaletteSearch({ text, onText, onMachine, run }: PaletteSearchProps) {
  const [chosen, setChosen] = useState("");
  const navigate = useNavigate();
  const search = useDebounced(text.trim(), 150);
  const found = useFound(search);
  const target = useStore(actedOnStore);
  const actions = withWords(useMachineActions(target?.machines ?? NOTHING, target?.all), text);
  const matches = (words: string) => words.toLowerCase().includes(text.trim().toLowerCase());
  const commands = usePaletteCommands().filter(({ label }) => matches(label));
  const routes = useNav().filter(({ label }) => matches(label));
  const isSearching = search !== "" && text.trim() !== "";
  const { machines, clients, sites } = isSearching ? found : { machines: NOTHING, clients: [], sites: [] };
  const shown = [
    ...actions.map(actionValue),
    ...[...machines, ...clients, ...sites].map(({ id }) => id),
    ...routes.map(({ to }) => to as string),
    ...commands.map(({ id }) => id),
  ];
  // Enter always has something to open: what was chosen may have left the list, which changes when an answer comes.
  const value = shown.includes(chosen) ? chosen : (shown[0] ?? "");
  const chosenMachine = machines.find(({ id }) => id === value);
  return (
    <Command shouldFilter={false} label="Search and commands" loop value={value} onValueChange={setChosen}>
      <Command.Input
        autoFocus
        value={text}
        onValueChange={onText}
        onKeyDown={(event) => {
          if (event.key !== "Tab" || event.shiftKey || !chosenMachine) return;
          event.preventDefault();
          onMachine(chosenMachine);
        }}
        placeholder="Find a machine, a client, a page, an action…"
        className="h-12 w-full border-line border-b bg-transparent px-4 text-base outline-none placeholder:text-soft"
      />
      <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-6 text-center text-sm text-soft">
          {found.isFetching
            ? "Searching…"
            : found.isError
              ? "The search failed. Type again to retry."
              : "Nothing has this name."}
        </Command.Empty>
        {target && <ActionGroup actions={actions} target={target} run={run} />}
        {machines.length > 0 && (
          <Group heading="Machines">
            {machines.map((agent) => (
              <Item
                key={agent.id}
                value={agent.id}
                icon={<Monitor />}
                onSelect={run(() => void navigate({ to: "/machines/$id", params: { id: agent.id } }))}
                note={<AgentStatus status={agent.status} state={agent.state} className="text-xs" />}
                more={{ icon: <Ellipsis />, onOpen: () => onMachine(agent) }}
              >
                {agentName(agent)}
                <span className="text-soft">
                  {" "}
                  {agent.client_name} › {agent.site_name}
                </span>
              </Item>
            ))}
          </Group>
        )}
        {clients.length + sites.length > 0 && (
          <Group heading="Clients and sites">
            {clients.map(({ id, name }) => (
              <Item
                key={id}
                value={id}
                icon={<Building2 />}
                onSelect={run(() => void navigate({ to: "/clients/$id", params: { id } }))}
              >
                {name}
              </Item>
            ))}
            {sites.map(({ id, name, client_name }) => (
              <Item
                key={id}
                value={id}
                icon={<MapPin />}
                onSelect={run(() => void navigate({ to: "/sites/$id", params: { id } }))}
              >
                {name}
                <span className="text-soft"> {client_name}</span>
              </Item>
            ))}
          </Group>
        )}
        {routes.length > 0 && (
          <Group heading="Pages">
            {routes.map(({ to, label, icon: Icon }) => (
              <Item key={to} value={to} icon={<Icon />} onSelect={run(() => void navigate({ to }))}>
                {label}
              </Item>
            ))}
          </Group>
        )}
        {commands.length > 0 && (
          <Group heading="Actions">
            {commands.map(({ id, label, icon, reason, act }) => (
              <Item
                key={id}
                value={id}
                icon={icon}
                reason={reason}
                onSelect={reason ? () => toast("note", reason) : run(act)}
              >
                {label}
              </Item>
            ))}
          </Group>
        )}
      </Command.List>
      <Keys
        keys={[
          ["↑ ↓", "choose"],
          ["Enter", "open"],
          ...(chosenMachine ? [["Tab", "what can be done with it"] as [string, string]] : []),
          ["Esc", "close"],
        ]}
      />
    </Command>
  );
}
