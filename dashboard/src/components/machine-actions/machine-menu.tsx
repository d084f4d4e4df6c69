import { ChevronDown } from "lucide-react";
import { Fragment } from "react";
import { Button } from "@/ui/button";
import { Menu, MenuBlocked, MenuItem, MenuSeparator } from "@/ui/menu";
import type { MachineAction } from "./machine-actions";
import { type Target, useOpenAction } from "./open-action";
import { useMachineActions } from "./use-machine-actions";

/** Those that follow each other and belong together: of one group, and for one reason greyed or not. */
function chunksOf(actions: readonly MachineAction[]): MachineAction[][] {
  const chunks: MachineAction[][] = [];
  for (const action of actions) {
    const chunk = chunks.at(-1);
    const [first] = chunk ?? [];
    if (chunk && first?.group === action.group && first.disabledReason === action.disabledReason) chunk.push(action);
    else chunks.push([action]);
  }
  return chunks;
}

const content = ({ icon: Icon, label }: MachineAction) => (
  <>
    <Icon /> {label}
  </>
);

interface ActionItemsProps {
  actions: readonly MachineAction[];
  target: Target;
}

/** These, as entries of a menu. */
export function ActionItems({ actions, target }: ActionItemsProps) {
  const open = useOpenAction();
  return chunksOf(actions).map((chunk, at, all) => {
    const [first] = chunk;
    if (!first) return null;
    return (
      <Fragment key={first.id}>
        {at > 0 && all[at - 1]?.[0]?.group !== first.group && <MenuSeparator />}
        {first.disabledReason ? (
          <MenuBlocked
            reason={first.disabledReason}
            items={chunk.map((action) => ({ id: action.id, content: content(action) }))}
          />
        ) : (
          chunk.map((action) => (
            <MenuItem key={action.id} isDanger={action.isDanger ?? false} onSelect={() => open(action.id, target)}>
              {content(action)}
            </MenuItem>
          ))
        )}
      </Fragment>
    );
  });
}

/** All that can be done with them, as entries of a menu. For what is mounted when the menu opens. */
export function MachineItems({ target }: { target: Target }) {
  return <ActionItems actions={useMachineActions(target.machines, target.all)} target={target} />;
}

/** The button for everything that can be done with one machine. */
export function MachineMenu({ target }: { target: Target }) {
  return (
    <Menu
      label="Actions"
      trigger={
        <Button>
          Actions <ChevronDown />
        </Button>
      }
    >
      <MachineItems target={target} />
    </Menu>
  );
}
