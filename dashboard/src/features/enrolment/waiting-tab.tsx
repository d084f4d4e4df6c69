import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { DoorOpen, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { pages, q } from "@/api/client";
import type { Agent, Finding } from "@/api/types";
import { openAddMachine } from "@/components/actions";
import { agentName } from "@/components/agent-name";
import type { Column } from "@/components/data-table/column";
import { DataTable, rowsOf } from "@/components/data-table/data-table";
import { ActDialog } from "@/components/enrolment/act-dialog";
import { AdoptDialog, type SameMachine } from "@/components/enrolment/adopt-dialog";
import { type MachineAct, machineOf } from "@/components/enrolment/machine-act";
import { EmptyState } from "@/components/feedback";
import { useCannotIn } from "@/components/me";
import { useFullScope, useScope } from "@/components/scope";
import { SiteKeyName } from "@/components/site-key-name";
import { Time } from "@/components/time";
import { Button } from "@/ui/button";
import { ADDRESS, HARDWARE, hardwareOf, MachineLink, NAME, PLACE, placeOfAgent, SYSTEM } from "./machine-cells";
import { FindingMarks, WaitingActions } from "./waiting-actions";
import { WaitingBar } from "./waiting-bar";

const agentId = (agent: Agent) => agent.id;
const since = (agent: Agent) => agent.state_changed_at ?? agent.enrolled_at;
const NONE: ReadonlySet<string> = new Set();
const NO_FINDINGS: Finding[] = [];

/** One question for all rows. */
function KeyOf({ agent }: { agent: Agent }) {
  return <SiteKeyName keyId={agent.site_key_id} at={useScope()} />;
}

const SITE_KEY: Column<Agent> = {
  id: "site_key",
  header: "Site key",
  width: 106,
  cell: (agent) => <KeyOf agent={agent} />,
};

/** What was found about each machine. */
function byMachine(findings: Finding[] | undefined): Map<string, Finding[]> {
  const found = new Map<string, Finding[]>();
  for (const finding of findings ?? []) {
    found.set(finding.agent_id, [...(found.get(finding.agent_id) ?? []), finding]);
  }
  return found;
}

/** The machines that came with a key that needs approval, and wait. */
export function WaitingTab() {
  const scope = useScope();
  const list = useInfiniteQuery(pages("agent_list", { ...scope, state: "waiting", sort: "enrolled", order: "desc" }));
  const findings = useQuery(q("finding_list", { query: { ...scope, limit: 200 } }));
  const found = useMemo(() => byMachine(findings.data?.items), [findings.data]);
  const [selected, setSelected] = useState(NONE);
  const [acting, setActing] = useState<{ act: MachineAct; agents: Agent[] }>();
  const [adopting, setAdopting] = useState<SameMachine>();
  const chosen = useMemo(
    () => (selected.size > 0 ? rowsOf(list.data).filter((agent) => selected.has(agent.id)) : []),
    [list.data, selected],
  );
  const cannotSeeKeys = useCannotIn("site_keys.view", useFullScope());
  const columns = useMemo<Column<Agent>[]>(
    () => [
      NAME,
      PLACE,
      ...(cannotSeeKeys ? [] : [SITE_KEY]),
      { ...SYSTEM, width: 112 },
      { ...HARDWARE, width: 132 },
      ADDRESS,
      { id: "since", header: "Waits since", width: 98, cell: (agent) => <Time value={since(agent)} /> },
      {
        id: "findings",
        header: "Findings",
        width: 146,
        cell: (agent) => <FindingMarks findings={found.get(agent.id) ?? NO_FINDINGS} />,
      },
      {
        id: "actions",
        header: "Actions",
        width: 130,
        cell: (agent) => (
          <WaitingActions
            agent={agent}
            findings={found.get(agent.id) ?? NO_FINDINGS}
            onAct={(act) => setActing({ act, agents: [agent] })}
            onAdopt={setAdopting}
          />
        ),
      },
    ],
    [found, cannotSeeKeys],
  );
  return (
    <>
      <DataTable
        label="Machines that wait"
        noun="machines"
        query={list}
        view={scope}
        columns={columns}
        rowId={agentId}
        rowLabel={agentName}
        className="border-t-0"
        selection={{ ids: selected, onChange: setSelected }}
        compact={(agent) => (
          <div className="flex items-center gap-2">
            <div className="min-w-0 flex-1">
              <p className="flex items-center gap-2">
                <MachineLink agent={agent} className="min-w-0" />
                <FindingMarks findings={found.get(agent.id) ?? NO_FINDINGS} isShort />
              </p>
              <p className="truncate text-soft text-xs">
                <Time value={since(agent)} /> · {placeOfAgent(agent)} · {hardwareOf(agent)}
              </p>
            </div>
            <WaitingActions
              agent={agent}
              findings={found.get(agent.id) ?? NO_FINDINGS}
              onAct={(act) => setActing({ act, agents: [agent] })}
              onAdopt={setAdopting}
            />
          </div>
        )}
        empty={<NobodyWaits />}
      />
      {chosen.length > 0 && (
        <WaitingBar
          machines={chosen.map(machineOf)}
          onAct={(act) => setActing({ act, agents: chosen })}
          onClear={() => setSelected(NONE)}
        />
      )}
      {acting && (
        <ActDialog
          act={acting.act}
          machines={acting.agents.map(machineOf)}
          onClose={() => setActing(undefined)}
          onDone={(failed) => setSelected(new Set(failed.map(({ id }) => id)))}
        />
      )}
      {adopting && <AdoptDialog {...adopting} onClose={() => setAdopting(undefined)} />}
    </>
  );
}

function NobodyWaits() {
  const scope = useScope();
  const full = useFullScope();
  const cannotAdd = useCannotIn("site_keys.edit", full);
  const cannotSeeKeys = useCannotIn("site_keys.view", full);
  return (
    <EmptyState
      icon={DoorOpen}
      title="No machine waits to be let in"
      action={
        <>
          <Button variant="primary" disabledReason={cannotAdd} onClick={() => openAddMachine(scope.site_id)}>
            <Plus /> Add a machine
          </Button>
          {!cannotSeeKeys && (
            <Button asChild>
              <Link to="/site-keys">Site keys</Link>
            </Button>
          )}
        </>
      }
    >
      Machines wait here when they come with a site key that says so. Set it on a key that many people know.
    </EmptyState>
  );
}
