import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { ArrowLeft, Monitor } from "lucide-react";
import { useMemo, useState } from "react";
import type { Agent } from "@/api/types";
import { agentName } from "@/components/agent-name";
import { useMachineActions } from "@/components/machine-actions/use-machine-actions";
import { IconButton } from "@/ui/button";
import { ActionGroup, actionValue, withWords } from "./palette-actions";
import { Group, Item, Keys } from "./palette-parts";
import type { usePaletteRun } from "./palette-run";

interface PaletteMachineProps {
  machine: Agent;
  onBack: () => void;
  run: ReturnType<typeof usePaletteRun>;
}

/** What can be done with a machine that was found. */
export function PaletteMachine({ machine, onBack, run }: PaletteMachineProps) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState("");
  const navigate = useNavigate();
  const target = useMemo(() => ({ machines: [machine] }), [machine]);
  const actions = withWords(useMachineActions(target.machines), text);
  const name = agentName(machine);
  const isOpenShown = `open ${name}`.toLowerCase().includes(text.trim().toLowerCase());
  const shown = [...actions.map(actionValue), ...(isOpenShown ? ["open"] : [])];
  const value = shown.includes(chosen) ? chosen : (shown[0] ?? "");
  return (
    <Command shouldFilter={false} label={`Actions for ${name}`} loop value={value} onValueChange={setChosen}>
      <div className="flex items-center border-line border-b pl-2">
        <IconButton label="Back to the search" onClick={onBack}>
          <ArrowLeft />
        </IconButton>
        <Command.Input
          autoFocus
          value={text}
          onValueChange={setText}
          onKeyDown={(event) => {
            if (event.key !== "Backspace" || text !== "") return;
            event.preventDefault();
            onBack();
          }}
          placeholder={`What to do with ${name}…`}
          className="h-12 min-w-0 flex-1 bg-transparent pr-4 pl-2 text-base outline-none placeholder:text-soft"
        />
      </div>
      <Command.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-1.5">
        <Command.Empty className="px-3 py-6 text-center text-sm text-soft">Nothing has this name.</Command.Empty>
        <ActionGroup actions={actions} target={target} run={run} />
        {isOpenShown && (
          <Group heading="Page">
            <Item
              value="open"
              icon={<Monitor />}
              onSelect={run(() => void navigate({ to: "/machines/$id", params: { id: machine.id } }))}
            >
              Open {name}
            </Item>
          </Group>
        )}
      </Command.List>
      <Keys
        keys={[
          ["↑ ↓", "choose"],
          ["Enter", "do it"],
          ["Esc", "back to the search"],
        ]}
      />
    </Command>
  );
}
