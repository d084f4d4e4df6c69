import { agentName } from "@/components/agent-name";
import type { MachineAction } from "@/components/machine-actions/machine-actions";
import { type Target, useOpenAction } from "@/components/machine-actions/open-action";
import { plural } from "@/lib/format";
import { toast } from "@/ui/toaster";
import { Group, Item } from "./palette-parts";

export const actionValue = ({ id }: Pick<MachineAction, "id">): string => `action:${id}`;

/** Those with all of these words in them, in any order. */
export function withWords(actions: readonly MachineAction[], text: string): MachineAction[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return actions.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
}

interface ActionGroupProps {
  actions: readonly MachineAction[];
  target: Target;
  /** Closes the palette first. */
  run: (action: () => void) => () => void;
}

/** What can be done with one machine, or with those that are selected. */
export function ActionGroup({ actions, target, run }: ActionGroupProps) {
  const open = useOpenAction();
  if (actions.length === 0) return null;
  return (
    <Group heading={whichWords(target)}>
      {actions.map((action) => {
        const { id, label, icon: Icon, disabledReason: reason } = action;
        return (
          <Item
            key={id}
            value={actionValue(action)}
            icon={<Icon />}
            reason={reason}
            onSelect={reason ? () => toast("note", reason) : run(() => open(id, target))}
          >
            {label}
          </Item>
        );
      })}
    </Group>
  );
}

function whichWords({ machines, all }: Target): string {
  if (all) return `All that match, ${plural(all.count, "machine")}`;
  const [only] = machines;
  return machines.length === 1 && only ? agentName(only) : plural(machines.length, "selected machine");
}
