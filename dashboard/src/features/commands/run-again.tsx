import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { q } from "@/api/client";
import type { Command } from "@/api/types";
import { dialogStore } from "@/components/actions";
import { valuesOf } from "@/components/command/run-values";
import { machineOf } from "@/components/enrolment/machine-act";
import { useCannot } from "@/components/me";
import { Button } from "@/ui/button";

/** Opens the form with everything that this command was given. */
export function RunAgain({ command }: { command: Command }) {
  const agent = useQuery(q("agent_get", { path: { id: command.agent_id } })).data;
  const place = agent && { clientId: agent.client_id, siteId: agent.site_id };
  const cannot = useCannot("commands.run", place);
  const machine = agent ? machineOf(agent) : { id: command.agent_id, name: command.agent_name };
  return (
    <Button
      disabledReason={cannot}
      onClick={() => dialogStore.set({ kind: "run_command", agents: [machine], initial: valuesOf(command) })}
    >
      <RotateCw /> Run again…
    </Button>
  );
}
