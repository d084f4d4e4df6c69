import { KeyRound, RotateCw, ShieldAlert, ShieldCheck } from "lucide-react";
import type { Agent } from "@/api/types";
import type { MachineAct } from "@/components/enrolment/machine-act";
import { useCannot } from "@/components/me";
import { MenuItem } from "@/ui/menu";
import { HELD_WORDS } from "./held-words";

interface IdentityItemsProps {
  agent: Agent;
  onAct: (act: MachineAct) => void;
}

/** What is decided about a machine's identity, as entries of a menu. */
export function IdentityItems({ agent, onAct }: IdentityItemsProps) {
  const cannot = useCannot("agents.approve", { clientId: agent.client_id, siteId: agent.site_id });
  const { state } = agent;
  const held = state && state !== "active" ? `${HELD_WORDS[state].title}.` : undefined;
  return (
    <>
      {state === "quarantined" ? (
        <MenuItem disabledReason={cannot} onSelect={() => onAct("release")}>
          <ShieldCheck /> Release…
        </MenuItem>
      ) : (
        <MenuItem disabledReason={cannot ?? held} onSelect={() => onAct("quarantine")}>
          <ShieldAlert /> Quarantine…
        </MenuItem>
      )}
      <MenuItem
        disabledReason={cannot ?? held ?? (agent.rotate_requested_at ? "It waits for the machine." : undefined)}
        onSelect={() => onAct("rotate")}
      >
        <RotateCw /> Give another key…
      </MenuItem>
      <MenuItem
        isDanger
        disabledReason={cannot ?? (state === "revoked" || state === "left" ? held : undefined)}
        onSelect={() => onAct("revoke")}
      >
        <KeyRound /> Revoke key…
      </MenuItem>
    </>
  );
}
