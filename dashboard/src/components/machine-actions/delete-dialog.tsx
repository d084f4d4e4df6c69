import { useState } from "react";
import { invalidate } from "@/api/client";
import type { Agent } from "@/api/types";
import { plural } from "@/lib/format";
import { ConfirmDialog } from "@/ui/dialog";
import { agentName } from "../agent-name";
import { useAction } from "../use-action";
import { useLeave } from "./use-leave";

interface DeleteOneDialogProps {
  agent: Agent;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before one machine is deleted. */
export function DeleteOneDialog({ agent, onClose, onDeleted }: DeleteOneDialogProps) {
  const leave = useLeave(agent.id);
  const remove = useAction("agent_delete", {
    done: () => `${agentName(agent)} deleted`,
    after: async () => {
      await leave("/machines");
      onClose();
      onDeleted();
      void invalidate("agent_list", "agent_summary", "client_list", "site_list", "audit_event_list");
    },
  });
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Delete ${agentName(agent)}?`}
      confirmLabel="Delete machine"
      isPending={remove.isPending}
      onConfirm={() => remove.mutate({ path: { id: agent.id } })}
    >
      <p>
        Its connection is closed and its commands are deleted. Its measurements can no longer be read and leave the
        database when their retention ends. To return it needs a new site key.
      </p>
    </ConfirmDialog>
  );
}

interface DeleteManyDialogProps {
  machines: readonly Agent[];
  onClose: () => void;
  onDelete: () => Promise<void>;
}

/** Asks before several are deleted, and names them. */
export function DeleteManyDialog({ machines, onClose, onDelete }: DeleteManyDialogProps) {
  const [isPending, setPending] = useState(false);
  const count = plural(machines.length, "machine");
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Delete ${count}?`}
      confirmLabel={`Delete ${count}`}
      isPending={isPending}
      onConfirm={async () => {
        setPending(true);
        await onDelete();
        setPending(false);
      }}
    >
      <p>
        Their connections are closed and their commands are deleted. Their measurements can no longer be read and leave
        the database when their retention ends. To return they need a new site key.
      </p>
      <p className="max-h-28 overflow-y-auto text-ink">{machines.map(agentName).join(", ")}</p>
    </ConfirmDialog>
  );
}
