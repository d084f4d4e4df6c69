import { Link } from "@tanstack/react-router";
import type { Agent } from "@/api/types";
import { agentName } from "@/components/agent-name";
import { CELL_LINK, type Column } from "@/components/data-table/column";
import { cn } from "@/lib/cn";

export const placeOfAgent = (agent: Agent): string => `${agent.client_name} › ${agent.site_name}`;

/** Serial number and model, as far as they are known. */
export const hardwareOf = (agent: Agent): string =>
  [agent.serial, agent.model ?? agent.manufacturer].filter(Boolean).join(" · ") || "—";

export function MachineLink({ agent, className }: { agent: Agent; className?: string }) {
  return (
    <Link
      to="/machines/$id"
      params={{ id: agent.id }}
      title={agent.hostname}
      className={cn(CELL_LINK, "font-medium", className)}
    >
      {agentName(agent)}
    </Link>
  );
}

const Soft = ({ text }: { text: string }) => (
  <span title={text} className="text-soft">
    {text}
  </span>
);

export const NAME: Column<Agent> = {
  id: "name",
  header: "Name",
  width: 150,
  isGrowing: true,
  cell: (agent) => <MachineLink agent={agent} />,
};
export const PLACE: Column<Agent> = {
  id: "place",
  header: "Client and site",
  width: 160,
  isGrowing: true,
  cell: (agent) => <Soft text={placeOfAgent(agent)} />,
};
export const SYSTEM: Column<Agent> = {
  id: "os",
  header: "System",
  width: 128,
  cell: (agent) => <Soft text={`${agent.os_name} ${agent.os_version}`} />,
};
export const HARDWARE: Column<Agent> = {
  id: "hardware",
  header: "Serial and model",
  width: 150,
  cell: (agent) => <Soft text={hardwareOf(agent)} />,
};
export const ADDRESS: Column<Agent> = {
  id: "ip",
  header: "Address",
  width: 110,
  cell: (agent) => <Soft text={agent.public_ip ?? "—"} />,
};
