import { Ellipsis, GitMerge, TriangleAlert, UserX } from "lucide-react";
import type { Agent, Finding } from "@/api/types";
import { agentName } from "@/components/agent-name";
import { type SameMachine, sameMachineOf } from "@/components/enrolment/adopt-dialog";
import { FINDING_TITLE, findingWords } from "@/components/enrolment/finding-words";
import type { MachineAct } from "@/components/enrolment/machine-act";
import { useCannot } from "@/components/me";
import { plural } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";

/** What was found about a machine, in short; the whole on hover. */
export function FindingMarks({ findings, isShort = false }: { findings: Finding[]; isShort?: boolean }) {
  if (findings.length === 0) return isShort ? null : <span className="text-soft">none</span>;
  const titles = findings.map(({ kind }) => FINDING_TITLE[kind]).join(", ");
  return (
    <span
      title={findings.map(findingWords).join("\n")}
      className="inline-flex max-w-full items-center gap-1 align-middle text-warn"
    >
      <TriangleAlert aria-hidden className="size-3.5 shrink-0" />
      <span className="truncate">{isShort && findings.length > 1 ? plural(findings.length, "finding") : titles}</span>
    </span>
  );
}

interface WaitingActionsProps {
  agent: Agent;
  findings: Finding[];
  onAct: (act: MachineAct) => void;
  onAdopt: (same: SameMachine) => void;
}

/** What is decided about a machine that waits. */
export function WaitingActions({ agent, findings, onAct, onAdopt }: WaitingActionsProps) {
  const cannot = useCannot("agents.approve", { clientId: agent.client_id, siteId: agent.site_id });
  const name = agentName(agent);
  const same = findings.map(sameMachineOf).filter((one) => one !== undefined);
  return (
    <span className="flex items-center gap-1">
      <Button
        size="sm"
        data-row-focus
        disabledReason={cannot}
        aria-label={`Approve ${name}`}
        onClick={() => onAct("approve")}
      >
        Approve
      </Button>
      <Menu
        label={`Actions for ${name}`}
        trigger={
          <IconButton label={`Actions for ${name}`} size="sm">
            <Ellipsis />
          </IconButton>
        }
      >
        {same.map((one) => (
          <MenuItem key={one.older.id} disabledReason={cannot} onSelect={() => onAdopt(one)}>
            <GitMerge /> Continue {one.older.name}…
          </MenuItem>
        ))}
        <MenuItem isDanger disabledReason={cannot} onSelect={() => onAct("reject")}>
          <UserX /> Reject…
        </MenuItem>
      </Menu>
    </span>
  );
}
