import { Link } from "@tanstack/react-router";
import { CircleCheck, Hourglass } from "lucide-react";
import type { Agent } from "@/api/types";
import { Button } from "@/ui/button";
import { agentName } from "../agent-name";
import { invalidateEnrolment } from "../enrolment/machine-act";
import { useCannot } from "../me";
import { AgentStatus } from "../status";
import { useAction } from "../use-action";

/** A machine that came while somebody waited for it; it may have to be let in still. */
export function JoinedMachine({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const cannot = useCannot("agents.approve", { clientId: agent.client_id, siteId: agent.site_id });
  const approve = useAction("agent_approve", {
    done: () => `${agentName(agent)} let in`,
    after: () => invalidateEnrolment(),
  });
  const isWaiting = agent.state === "waiting";
  const Icon = isWaiting ? Hourglass : CircleCheck;
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      <Icon aria-hidden className={isWaiting ? "size-4 shrink-0 text-info" : "size-4 shrink-0 text-ok"} />
      <Link
        to="/machines/$id"
        params={{ id: agent.id }}
        onClick={onClose}
        className="min-w-0 flex-1 truncate font-medium text-accent-text hover:underline"
      >
        {agentName(agent)}
      </Link>
      {isWaiting ? (
        <>
          <span className="text-soft">waits for approval</span>
          <Button
            size="sm"
            variant="primary"
            disabledReason={cannot}
            isPending={approve.isPending}
            aria-label={`Approve ${agentName(agent)}`}
            onClick={() => approve.mutate({ path: { id: agent.id } })}
          >
            Approve
          </Button>
        </>
      ) : (
        <AgentStatus status={agent.status} state={agent.state} />
      )}
    </div>
  );
}
