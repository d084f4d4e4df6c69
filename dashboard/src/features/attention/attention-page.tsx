import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Lock, Monitor, Plus } from "lucide-react";
import { q } from "@/api/client";
import type { Agent, Command } from "@/api/types";
import { openAddMachine } from "@/components/actions";
import { agentName } from "@/components/agent-name";
import { firstLine } from "@/components/command-rows";
import { EmptyState } from "@/components/feedback";
import { useCannot, useCannotIn, useOwnGrants } from "@/components/me";
import { Page, PageBody } from "@/components/page";
import { useFullScope, useScope } from "@/components/scope";
import { AgentStatus, CommandStatusMark } from "@/components/status";
import { Time } from "@/components/time";
import { formatCount } from "@/lib/format";
import { useNow } from "@/lib/hooks";
import { periodStart } from "@/lib/period";
import { Button } from "@/ui/button";
import { ApprovalQueue } from "./approval-queue";
import { EnrolmentNotices } from "./enrolment-notices";
import { Queue, ROW } from "./queue";
import { Summary } from "./summary";

const SHOWN = 10;
const TROUBLE = "failed,timeout,interrupted,expired";

/** What needs somebody, before anything that is merely known. */
export function AttentionPage() {
  const scope = useScope();
  const summary = useQuery(q("agent_summary", { query: scope }));
  const cannot = useCannotIn("site_keys.edit", useFullScope());
  const cannotSee = useCannotIn("agents.view", useFullScope());
  const cannotSeeCommands = useCannotIn("commands.view", useFullScope());
  const cannotApprove = useCannot("commands.approve");
  const isNew = summary.data?.total === 0;
  return (
    <Page title="Attention" subtitle="What needs somebody now">
      <PageBody>
        {cannotSee ? (
          <NothingToSee />
        ) : isNew ? (
          <EmptyState
            icon={Monitor}
            title={scope.client_id || scope.site_id ? "No machines here yet" : "No machines yet"}
            action={
              <Button variant="primary" onClick={() => openAddMachine(scope.site_id)} disabledReason={cannot}>
                <Plus /> Add the first one
              </Button>
            }
            className="py-20"
          >
            Add one with a single line: it appears here within seconds and reports its state from then on.
          </EmptyState>
        ) : (
          <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_20rem]">
            <div className="flex min-w-0 flex-col gap-4">
              {summary.data && <EnrolmentNotices summary={summary.data} />}
              {!cannotApprove && <ApprovalQueue />}
              <OfflineQueue />
              {!cannotSeeCommands && <CommandQueue />}
            </div>
            <Summary query={summary} />
          </div>
        )}
      </PageBody>
    </Page>
  );
}

function NothingToSee() {
  const isNew = useOwnGrants().length === 0;
  return (
    <EmptyState
      icon={Lock}
      title={isNew ? "You have no role here yet" : "You may not see machines here"}
      className="py-20"
    >
      {isNew
        ? "Ask an administrator to give you one: this page fills by itself as soon as you have it."
        : "None of your roles names it. Ask an administrator if it should."}
    </EmptyState>
  );
}

function OfflineQueue() {
  const scope = useScope();
  const query = useQuery(
    q("agent_list", {
      query: {
        ...scope,
        status: "offline",
        state: "active",
        sort: "last_seen",
        order: "desc",
        limit: SHOWN,
        count: true,
      },
    }),
  );
  const total = query.data?.count ?? query.data?.items.length ?? 0;
  return (
    <Queue
      title="Offline"
      count={formatCount(total)}
      hasMore={total > SHOWN}
      isCalm={total === 0}
      query={query}
      calm="Every machine is online."
      all={
        <Link to="/machines" search={{ status: "offline", sort: "last_seen", order: "desc" }}>
          Show all offline
        </Link>
      }
    >
      {(query.data?.items ?? []).map((agent) => (
        <OfflineRow key={agent.id} agent={agent} />
      ))}
    </Queue>
  );
}

function OfflineRow({ agent }: { agent: Agent }) {
  return (
    <li className={ROW}>
      <AgentStatus status={agent.status} state={agent.state} />
      <Link to="/machines/$id" params={{ id: agent.id }} className="truncate font-medium leading-6 hover:underline">
        {agentName(agent)}
      </Link>
      <span className="truncate text-soft">
        {agent.client_name} › {agent.site_name}
      </span>
      <span className="text-right text-soft text-xs">
        {agent.last_seen_at && "seen "}
        <Time value={agent.last_seen_at} empty="never seen" className="whitespace-nowrap" />
      </span>
    </li>
  );
}

function CommandQueue() {
  const scope = useScope();
  const from = periodStart("24h", Math.floor(useNow() / 600_000) * 600_000);
  const query = useQuery({
    ...q("command_list", { query: { ...scope, status: TROUBLE, from, limit: SHOWN } }),
    placeholderData: (before) => before,
  });
  const shown = query.data?.items.length ?? 0;
  return (
    <Queue
      title="Commands that did not succeed, last 24 hours"
      count={query.data?.next ? `more than ${shown}` : formatCount(shown)}
      hasMore={Boolean(query.data?.next)}
      isCalm={shown === 0}
      query={query}
      calm="No command failed in the last 24 hours."
      all={
        <Link to="/commands" search={{ status: TROUBLE, period: "24h" }}>
          Show all failed
        </Link>
      }
    >
      {(query.data?.items ?? []).map((command) => (
        <CommandRow key={command.id} command={command} />
      ))}
    </Queue>
  );
}

function CommandRow({ command }: { command: Command }) {
  return (
    <li className={ROW}>
      <CommandStatusMark status={command.status} />
      <Link
        to="/commands/$id"
        params={{ id: command.id }}
        className="truncate font-mono text-xs leading-6 hover:underline"
      >
        {firstLine(command.command)}
      </Link>
      <Link
        to="/machines/$id"
        params={{ id: command.agent_id }}
        className="truncate text-soft leading-6 hover:underline"
      >
        {command.agent_name}
      </Link>
      <span className="text-right text-soft text-xs">
        <Time value={command.finished_at ?? command.created_at} />
      </span>
    </li>
  );
}
