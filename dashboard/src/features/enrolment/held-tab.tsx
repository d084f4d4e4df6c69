import { Link } from "@tanstack/react-router";
import { ShieldCheck } from "lucide-react";
import { useMemo, useState } from "react";
import type { Agent } from "@/api/types";
import { agentName } from "@/components/agent-name";
import type { Column } from "@/components/data-table/column";
import { DataTable } from "@/components/data-table/data-table";
import { ActDialog } from "@/components/enrolment/act-dialog";
import { machineOf } from "@/components/enrolment/machine-act";
import { EmptyState } from "@/components/feedback";
import { useCannot } from "@/components/me";
import { useScope } from "@/components/scope";
import { AgentStatus } from "@/components/status";
import { Time } from "@/components/time";
import { Button } from "@/ui/button";
import { HARDWARE, MachineLink, NAME, PLACE, placeOfAgent } from "./machine-cells";
import { useHeld } from "./use-held";

const agentId = (agent: Agent) => agent.id;
const WHY: Partial<Record<Agent["state"], string>> = { left: "The agent was removed on the machine." };
const why = (agent: Agent): string => agent.state_reason ?? WHY[agent.state] ?? "No reason was written down.";

const COLUMNS: Column<Agent>[] = [
  NAME,
  {
    id: "state",
    header: "State",
    width: 126,
    cell: (agent) => <AgentStatus status={agent.status} state={agent.state} />,
  },
  {
    id: "why",
    header: "Why",
    width: 220,
    isGrowing: true,
    cell: (agent) => (
      <span title={why(agent)} className="text-soft">
        {why(agent)}
      </span>
    ),
  },
  { id: "since", header: "Since", width: 95, cell: (agent) => <Time value={agent.state_changed_at} /> },
  PLACE,
  HARDWARE,
];

/** A quarantined machine is released; of the others the page of the machine says what can be done. */
function HeldAction({ agent, onRelease }: { agent: Agent; onRelease: (agent: Agent) => void }) {
  const cannot = useCannot("agents.approve", { clientId: agent.client_id, siteId: agent.site_id });
  const name = agentName(agent);
  if (agent.state === "quarantined") {
    return (
      <Button
        size="sm"
        data-row-focus
        disabledReason={cannot}
        aria-label={`Release ${name}`}
        onClick={() => onRelease(agent)}
      >
        Release
      </Button>
    );
  }
  return (
    <Button size="sm" asChild>
      <Link to="/machines/$id" params={{ id: agent.id }} aria-label={`Open ${name}, to delete it`}>
        Delete…
      </Link>
    </Button>
  );
}

/** The machines that may not work: quarantined, without a key, or gone by themselves. */
export function HeldTab() {
  const scope = useScope();
  const list = useHeld();
  const [releasing, setReleasing] = useState<Agent>();
  const columns = useMemo<Column<Agent>[]>(
    () => [
      ...COLUMNS,
      {
        id: "actions",
        header: "Action",
        width: 104,
        cell: (agent) => <HeldAction agent={agent} onRelease={setReleasing} />,
      },
    ],
    [],
  );
  return (
    <>
      <DataTable
        label="Machines that are kept away"
        noun="machines"
        query={list}
        view={scope}
        columns={columns}
        rowId={agentId}
        rowLabel={agentName}
        className="border-t-0"
        compact={(agent) => (
          <div className="flex items-center gap-2">
            <div className="min-w-0 flex-1">
              <p className="flex items-center gap-2">
                <MachineLink agent={agent} className="min-w-0" />
                <AgentStatus status={agent.status} state={agent.state} className="text-xs" />
              </p>
              <p className="truncate text-soft text-xs">
                <Time value={agent.state_changed_at} /> · {placeOfAgent(agent)} · {why(agent)}
              </p>
            </div>
            <HeldAction agent={agent} onRelease={setReleasing} />
          </div>
        )}
        empty={
          <EmptyState icon={ShieldCheck} title="No machine is kept away">
            Quarantine a machine on its page when you do not trust it: it is told nothing until somebody releases it.
            Machines whose key was revoked, and those that left by themselves, stand here too.
          </EmptyState>
        }
      />
      {releasing && (
        <ActDialog act="release" machines={[machineOf(releasing)]} onClose={() => setReleasing(undefined)} />
      )}
    </>
  );
}
