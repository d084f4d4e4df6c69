import { useLocation } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import type { Agent, AgentBulkAction } from "@/api/types";
import type { AppDialog } from "../actions";
import type { Machine } from "../each-machine";
import { ActDialog } from "../enrolment/act-dialog";
import { type MachineAct, machineOf } from "../enrolment/machine-act";
import { fieldWords } from "../field-value";
import { BulkFieldDialog } from "./bulk-field-dialog";
import { BulkTagsDialog } from "./bulk-tags-dialog";
import { CancelWaitingDialog } from "./cancel-waiting-dialog";
import { DeleteManyDialog, DeleteOneDialog } from "./delete-dialog";
import { doToAll } from "./do-to-all";
import { LabelsDialog } from "./labels-dialog";
import { MoveDialog } from "./move-dialog";
import { RenameDialog } from "./rename-dialog";
import { useLeave } from "./use-leave";
import { useMoveOne } from "./use-move-one";

interface MachineActionDialogProps {
  dialog: Extract<AppDialog, { kind: "machine_action" }>;
  onClose: () => void;
}

/** What is asked before something is done with machines, whichever place it was chosen in. */
export function MachineActionDialog({ dialog, onClose }: MachineActionDialogProps) {
  useCloseElsewhere(onClose);
  const { action, machines } = dialog;
  const [first] = machines;
  if (!first) return null;
  switch (action) {
    case "rename":
      return <RenameDialog agent={first} onClose={onClose} />;
    case "labels":
      return <LabelsDialog agent={first} onClose={onClose} />;
    case "cancel_waiting":
      return <CancelWaitingDialog agent={first} onClose={onClose} />;
    case "delete":
      if (machines.length > 1) return <BulkDialog dialog={dialog} action={action} onClose={onClose} />;
      return <DeleteOneDialog agent={first} onClose={onClose} onDeleted={() => dialog.onDone?.([])} />;
    case "move":
      if (machines.length > 1) return <BulkDialog dialog={dialog} action={action} onClose={onClose} />;
      return <MoveOneDialog agent={first} onClose={onClose} onDone={dialog.onDone} />;
    case "add_tags":
    case "remove_tags":
    case "set_field":
      return <BulkDialog dialog={dialog} action={action} onClose={onClose} />;
    default:
      return <DecideDialog act={action} first={first} dialog={dialog} onClose={onClose} />;
  }
}

/** A dialog belongs to the page that it was opened on: nothing of it goes over to another. */
function useCloseElsewhere(onClose: () => void): void {
  const path = useLocation({ select: ({ pathname }) => pathname });
  const [opened] = useState(path);
  useEffect(() => {
    if (path !== opened) onClose();
  }, [path, opened, onClose]);
}

interface DecideDialogProps extends MachineActionDialogProps {
  act: MachineAct;
  first: Agent;
}

function DecideDialog({ act, first, dialog, onClose }: DecideDialogProps) {
  const leave = useLeave(first.id);
  return (
    <ActDialog
      act={act}
      machines={dialog.machines.map(machineOf)}
      onClose={onClose}
      onDone={async (failed) => {
        if (act === "reject" && failed.length === 0) await leave("/enrolment");
        dialog.onDone?.(failed);
      }}
    />
  );
}

interface MoveOneDialogProps {
  agent: Agent;
  onClose: () => void;
  onDone: ((left: Machine[]) => void) | undefined;
}

function MoveOneDialog({ agent, onClose, onDone }: MoveOneDialogProps) {
  const move = useMoveOne(agent, () => {
    onClose();
    onDone?.([]);
  });
  const place = { clientId: agent.client_id, siteId: agent.site_id };
  return <MoveDialog count={1} from={[place]} onClose={onClose} onMove={move} />;
}

interface BulkDialogProps extends MachineActionDialogProps {
  action: "add_tags" | "remove_tags" | "set_field" | "move" | "delete";
}

/** What is done to several by one request. */
function BulkDialog({ action, dialog, onClose }: BulkDialogProps) {
  const machines = dialog.machines.map(machineOf);
  const count = machines.length;
  const act = async (done: string, what: AgentBulkAction) => {
    const left = await doToAll(machines, done, what);
    onClose();
    dialog.onDone?.(left);
  };
  switch (action) {
    case "move":
      return (
        <MoveDialog
          count={count}
          from={machines.flatMap(({ place }) => place ?? [])}
          onClose={onClose}
          onMove={(site) => act("moved", { kind: "move", site_id: site.value })}
        />
      );
    case "set_field":
      return (
        <BulkFieldDialog
          count={count}
          onClose={onClose}
          onDo={({ kind, name }, value, what) =>
            act(value === null ? `freed of ${name}` : `set to ${fieldWords(kind, value)}`, what)
          }
        />
      );
    case "delete":
      return (
        <DeleteManyDialog
          machines={dialog.machines}
          onClose={onClose}
          onDelete={() => act("deleted", { kind: "delete" })}
        />
      );
    default:
      return (
        <BulkTagsDialog
          kind={action}
          count={count}
          onClose={onClose}
          onDo={(what) => act(action === "add_tags" ? "tagged" : "freed of these tags", what)}
        />
      );
  }
}
