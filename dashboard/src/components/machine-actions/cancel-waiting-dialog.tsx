import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Agent } from "@/api/types";
import { plural } from "@/lib/format";
import { ConfirmDialog } from "@/ui/dialog";
import { agentName } from "../agent-name";
import { cancelWaiting } from "../command/cancel-waiting";
import { waitingQuery } from "../command/waiting-query";
import { firstLine } from "../command-rows";

interface CancelWaitingDialogProps {
  agent: Agent;
  onClose: () => void;
}

/** Looks what no machine has begun yet, and asks before it is cancelled. */
export function CancelWaitingDialog({ agent, onClose }: CancelWaitingDialogProps) {
  const query = useQuery(waitingQuery({ agent_id: agent.id }));
  const [isPending, setPending] = useState(false);
  const name = agentName(agent);
  const commands = query.data?.commands;
  const nothing = whyNothing(commands?.length, query.isError);
  const count = plural(commands?.length ?? 0, "command");
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Cancel all that waits on ${name}?`}
      confirmLabel={commands?.length ? `Cancel ${count}` : "Cancel them"}
      disabledReason={nothing}
      isPending={isPending}
      onConfirm={async () => {
        setPending(true);
        await cancelWaiting(name, commands ?? []).finally(onClose);
      }}
    >
      <p aria-live="polite">{nothing ?? `${plural(commands?.length ?? 0, "command waits", "commands wait")} there:`}</p>
      <ul className="max-h-40 overflow-y-auto font-mono text-ink text-xs empty:hidden">
        {commands?.map((command) => (
          <li key={command.id} className="truncate">
            {firstLine(command.command)}
          </li>
        ))}
      </ul>
    </ConfirmDialog>
  );
}

function whyNothing(count: number | undefined, isFailed: boolean): string | undefined {
  if (count === undefined) return isFailed ? "What waits could not be loaded." : "Looking up what waits…";
  return count === 0 ? "Nothing waits on it." : undefined;
}
