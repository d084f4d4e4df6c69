import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleStop } from "lucide-react";
import { useState } from "react";
import { q } from "@/api/client";
import type { Agent, Command } from "@/api/types";
import { CANCELLED_STALE, cancelWaiting } from "@/components/command/cancel-waiting";
import type { WaitingMachine } from "@/components/command/waiting-query";
import { firstLine } from "@/components/command-rows";
import { useCannot } from "@/components/me";
import { AgentStatus } from "@/components/status";
import { Time } from "@/components/time";
import { useAction } from "@/components/use-action";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Panel } from "@/ui/panel";

const ROWS_AT_ONCE = 10;

/** One machine with what waits for it. */
export function WaitingMachinePanel({ machine }: { machine: WaitingMachine }) {
  const agent = useQuery(q("agent_get", { path: { id: machine.id } })).data;
  const cannot = useCannot("commands.run", agent && { clientId: agent.client_id, siteId: agent.site_id });
  const [isWhole, setWhole] = useState(false);
  const { commands } = machine;
  const rest = commands.length - ROWS_AT_ONCE;
  return (
    <Panel
      title={
        <span className="flex min-w-0 flex-wrap items-center gap-x-3">
          <Link to="/machines/$id" params={{ id: machine.id }} search={{ tab: "commands" }} className="hover:underline">
            {machine.name}
          </Link>
          <MachineState agent={agent} />
        </span>
      }
      actions={<CancelAll machine={machine} cannot={cannot} />}
      bodyClassName="p-0"
    >
      <p className="flex flex-wrap gap-x-3 border-line border-b px-4 py-1.5 text-soft text-xs">
        <span>{machine.place}</span>
        <span>{plural(commands.length, "command")}</span>
        <span>
          oldest <Time value={machine.oldest} />
        </span>
        <span>
          next expires <Time value={machine.nextExpiry} />
        </span>
      </p>
      <ul aria-label={`Waiting on ${machine.name}`}>
        {(isWhole ? commands : commands.slice(0, ROWS_AT_ONCE)).map((command) => (
          <WaitingRow key={command.id} command={command} cannot={cannot} />
        ))}
      </ul>
      {rest > 0 && !isWhole && (
        <div className="border-line border-t px-4 py-2">
          <Button size="sm" onClick={() => setWhole(true)}>
            Show {plural(rest, "more command")}
          </Button>
        </div>
      )}
    </Panel>
  );
}

/** Nothing for whoever may not see the machine itself. */
function MachineState({ agent }: { agent: Agent | undefined }) {
  if (!agent) return null;
  return (
    <span className="flex flex-wrap items-center gap-x-2 font-normal text-xs">
      <AgentStatus status={agent.status} state={agent.state} />
      {agent.status === "offline" && (
        <span className="text-soft">
          last seen <Time value={agent.last_seen_at} empty="never" />
        </span>
      )}
    </span>
  );
}

function WaitingRow({ command, cannot }: { command: Command; cannot: string | undefined }) {
  const cancel = useAction("command_cancel", {
    stale: [...CANCELLED_STALE],
    done: (answer) =>
      answer.status === "cancelled" ? "Command cancelled" : "The machine was asked to stop the command",
  });
  const text = firstLine(command.command);
  return (
    <li className="flex items-center gap-3 border-line border-b px-4 py-1.5 last:border-b-0">
      <div className="min-w-0 flex-1">
        <Link
          to="/commands/$id"
          params={{ id: command.id }}
          title={command.command}
          className="block truncate font-mono text-xs leading-6 hover:underline"
        >
          {text}
        </Link>
        <p className="flex flex-wrap gap-x-2 text-soft text-xs">
          <span>{command.created_by_name ?? "—"}</span>
          <Time value={command.created_at} />
          <span>
            expires <Time value={command.expires_at} />
          </span>
          {command.sent_at && <span>sent to the machine</span>}
        </p>
      </div>
      <Button
        size="sm"
        variant="danger"
        aria-label={`Cancel ${text}`}
        isPending={cancel.isPending}
        disabledReason={cannot ?? (command.cancel_requested_at ? "The machine has been asked to stop it." : undefined)}
        onClick={() => cancel.mutate({ path: { id: command.id } })}
      >
        <CircleStop /> Cancel
      </Button>
    </li>
  );
}

function CancelAll({ machine, cannot }: { machine: WaitingMachine; cannot: string | undefined }) {
  const [isAsking, setAsking] = useState(false);
  const [isPending, setPending] = useState(false);
  const count = plural(machine.commands.length, "command");
  return (
    <>
      <Button
        size="sm"
        variant="danger"
        disabledReason={cannot}
        aria-label={`Cancel all of ${machine.name}`}
        onClick={() => setAsking(true)}
      >
        Cancel all…
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Cancel all that waits on ${machine.name}?`}
        confirmLabel={`Cancel ${count}`}
        isPending={isPending}
        onConfirm={async () => {
          setPending(true);
          await cancelWaiting(machine.name, machine.commands).finally(() => {
            setPending(false);
            setAsking(false);
          });
        }}
      >
        <p>
          {machine.commands.length === 1 ? "It is" : `These ${count} are`} not run on this machine. Other machines keep
          theirs.
        </p>
      </ConfirmDialog>
    </>
  );
}
