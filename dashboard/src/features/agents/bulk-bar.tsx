import { ChevronDown, X } from "lucide-react";
import type { Machine } from "@/components/each-machine";
import type { MachineAction, MachineActionId } from "@/components/machine-actions/machine-actions";
import { ActionItems } from "@/components/machine-actions/machine-menu";
import { type Target, useOpenAction } from "@/components/machine-actions/open-action";
import { useMachineActions } from "@/components/machine-actions/use-machine-actions";
import { plural } from "@/lib/format";
import { useIsNarrow } from "@/lib/hooks";
import { Button, IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { AllMatchingChoice } from "./all-matching-choice";
import type { AllChoice } from "./use-selection";

/** What is done most has a button of its own, as far as there is room. */
const OFTEN: readonly MachineActionId[] = ["run_command", "run_script", "labels", "add_tags", "move"];
const OFTEN_NARROW: readonly MachineActionId[] = ["run_command"];

interface BulkBarProps {
  target: Target;
  /** Everything that the filter matches, where that is more than the rows. */
  all?: AllChoice | undefined;
  isFiltered?: boolean;
  /** Leaves these selected. */
  onSelect: (agents: Pick<Machine, "id">[]) => void;
}

/** What can be done with the selected machines. */
export function BulkBar({ target, all, isFiltered = false, onSelect }: BulkBarProps) {
  const actions = useMachineActions(target.machines, target.all);
  const often = useIsNarrow() ? OFTEN_NARROW : OFTEN;
  return (
    <section
      aria-label="Selected machines"
      className="flex shrink-0 flex-wrap items-center gap-2 border-line border-t bg-accent-soft px-4 py-1.5 max-md:px-3"
    >
      <span className="font-medium text-sm" aria-live="polite">
        {chosenWords(target, isFiltered)}
      </span>
      {all && <AllMatchingChoice all={all} isFiltered={isFiltered} onClear={() => onSelect([...target.machines])} />}
      {actions
        .filter(({ id }) => often.includes(id))
        .map((action) => (
          <ActionButton key={action.id} action={action} target={target} />
        ))}
      <Menu
        label="Actions"
        align="start"
        trigger={
          <Button size="sm">
            Actions <ChevronDown />
          </Button>
        }
      >
        <ActionItems actions={actions.filter(({ id }) => !often.includes(id))} target={target} />
      </Menu>
      <IconButton
        label="Clear the selection"
        size="icon-sm"
        onClick={() => onSelect([])}
        className="ml-auto max-sm:size-9"
      >
        <X />
      </IconButton>
    </section>
  );
}

function ActionButton({ action, target }: { action: MachineAction; target: Target }) {
  const open = useOpenAction();
  const { id, label, icon: Icon, disabledReason } = action;
  return (
    <Button size="sm" disabledReason={disabledReason} onClick={() => open(id, target)}>
      <Icon /> {label}
    </Button>
  );
}

/** "3 machines selected", or that everything is. */
function chosenWords({ machines, all }: Target, isFiltered: boolean): string {
  if (all) return `All ${plural(all.count, "machine")}${isFiltered ? " that match" : ""} selected`;
  return `${plural(machines.length, "machine")} selected`;
}
