import { Link } from "@tanstack/react-router";
import type { Agent } from "@/api/types";
import { agentName } from "@/components/agent-name";
import { CELL_LINK, type Column } from "@/components/data-table/column";
import { AgentStatus } from "@/components/status";
import { TagWords } from "@/components/tag";
import { Time } from "@/components/time";
import { cn } from "@/lib/cn";
import { formatDuration } from "@/lib/format";
import { Figure, Meter } from "./meter";
import { Sparkline } from "./sparkline";

const uptime = (agent: Agent) => (agent.uptime_seconds ? formatDuration(agent.uptime_seconds * 1000) : "—");

export const AGENT_COLUMNS: Column<Agent>[] = [
  {
    id: "name",
    header: "Name",
    width: 176,
    isGrowing: true,
    isFixed: true,
    sort: "name",
    cell: (agent) => (
      <Link
        to="/machines/$id"
        params={{ id: agent.id }}
        title={agent.hostname}
        className={cn(CELL_LINK, "font-medium")}
      >
        {agentName(agent)}
      </Link>
    ),
  },
  {
    id: "hostname",
    header: "Host name",
    width: 160,
    isHidden: true,
    cell: (agent) => agent.hostname,
  },
  {
    id: "status",
    header: "Status",
    width: 124,
    sort: "status",
    cell: (agent) => <AgentStatus status={agent.status} state={agent.state} />,
  },
  {
    id: "client",
    header: "Client",
    width: 130,
    isGrowing: true,
    sort: "client",
    cell: (agent) => agent.client_name,
  },
  {
    id: "site",
    header: "Site",
    width: 110,
    sort: "site",
    cell: (agent) => agent.site_name,
  },
  {
    id: "tags",
    header: "Tags",
    width: 160,
    isGrowing: true,
    isHidden: true,
    cell: (agent) => <TagWords tags={agent.tags} />,
  },
  {
    id: "os",
    header: "System",
    width: 122,
    sort: "os",
    cell: (agent) => (
      <span title={`${agent.os_name} ${agent.os_version}`}>{`${agent.os_name} ${agent.os_version}`}</span>
    ),
  },
  {
    id: "cpu",
    header: "CPU",
    width: 110,
    sort: "cpu",
    sortFirst: "desc",
    cell: (agent) => (
      <Figure value={agent.cpu_percent} isStale={agent.status === "offline"}>
        <Sparkline agentId={agent.id} />
      </Figure>
    ),
  },
  {
    id: "memory",
    header: "Memory",
    width: 84,
    sort: "memory",
    sortFirst: "desc",
    cell: (agent) => <Meter value={agent.memory_percent} isStale={agent.status === "offline"} />,
  },
  {
    id: "disk",
    header: "Disk",
    width: 84,
    sort: "disk",
    sortFirst: "desc",
    cell: (agent) => <Meter value={agent.disk_percent} isStale={agent.status === "offline"} />,
  },
  {
    id: "user",
    header: "User",
    width: 92,
    cell: (agent) => agent.logged_in_user ?? <span className="text-soft">—</span>,
  },
  {
    id: "last_seen",
    header: "Last seen",
    width: 86,
    sort: "last_seen",
    sortFirst: "desc",
    cell: (agent) => <Time value={agent.last_seen_at} empty="never" />,
  },
  { id: "uptime", header: "Uptime", width: 90, isHidden: true, cell: uptime },
  {
    id: "ip",
    header: "Public address",
    width: 130,
    isHidden: true,
    cell: (agent) => agent.public_ip ?? "—",
  },
  {
    id: "version",
    header: "Agent",
    width: 90,
    isHidden: true,
    cell: (agent) => agent.agent_version,
  },
  {
    id: "arch",
    header: "Processor",
    width: 90,
    isHidden: true,
    cell: (agent) => agent.arch,
  },
  {
    id: "enrolled",
    header: "Enrolled",
    width: 110,
    isHidden: true,
    sort: "enrolled",
    sortFirst: "desc",
    cell: (agent) => <Time value={agent.enrolled_at} />,
  },
];

export function AgentCompact({ agent }: { agent: Agent }) {
  return (
    <>
      <div className="flex items-center gap-2">
        <Link
          to="/machines/$id"
          params={{ id: agent.id }}
          className="min-w-0 flex-1 truncate py-0.5 font-medium text-base"
        >
          {agentName(agent)}
        </Link>
        <AgentStatus status={agent.status} state={agent.state} className="text-xs" />
      </div>
      <div className="flex gap-2 text-soft text-xs">
        <span className="min-w-0 flex-1 truncate">
          {agent.client_name} › {agent.site_name}
        </span>
        {agent.status === "online" ? (
          <span>
            CPU{" "}
            {agent.cpu_percent === null || agent.cpu_percent === undefined ? "—" : `${Math.round(agent.cpu_percent)}%`}
          </span>
        ) : (
          <Time value={agent.last_seen_at} empty="never seen" />
        )}
      </div>
    </>
  );
}
