import { Link } from "@tanstack/react-router";
import type { Agent } from "@/api/types";

interface LinkProps {
  agent: Agent;
  className?: string;
}

/** Where a machine is; both names lead to their pages. */
export function PlaceLinks({ agent }: { agent: Agent }) {
  return (
    <span className="min-w-0 break-words">
      <ClientLink agent={agent} /> › <SiteLink agent={agent} />
    </span>
  );
}

export function ClientLink({ agent, className = "hover:underline" }: LinkProps) {
  return (
    <Link to="/clients/$id" params={{ id: agent.client_id }} className={className}>
      {agent.client_name}
    </Link>
  );
}

export function SiteLink({ agent, className = "hover:underline" }: LinkProps) {
  return (
    <Link to="/sites/$id" params={{ id: agent.site_id }} className={className}>
      {agent.site_name}
    </Link>
  );
}
