import { useIsMutating, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { MonitorX } from "lucide-react";
import { type ReactNode, Suspense, useMemo } from "react";
import { q } from "@/api/client";
import { isMissing } from "@/api/problem";
import { agentName } from "@/components/agent-name";
import { EmptyState, ErrorView } from "@/components/feedback";
import { useActedOn } from "@/components/machine-actions/acted-on";
import { MachineMenu } from "@/components/machine-actions/machine-menu";
import { useOwnGrants, whyNot } from "@/components/me";
import { Page, PageBody } from "@/components/page";
import { AgentStatus, agentStateWord } from "@/components/status";
import { Time } from "@/components/time";
import { lazyPart } from "@/lib/lazy-part";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/panel";
import { Tabs, type TabsOf } from "@/ui/tabs";
import { CapabilitiesTab } from "./capabilities-tab";
import { MachineAuditTab } from "./machine-audit-tab";
import { MachineCommandsTab } from "./machine-commands-tab";
import { MachineNotices } from "./machine-notices";
import { NetworkTab } from "./network-tab";
import { OverviewTab } from "./overview-tab";
import { PlaceLinks } from "./place-links";
import type { MachineTab } from "./search";

const MetricsTab = lazyPart(() => import("./metrics-tab").then((module) => module.MetricsTab));

/** One machine. Another machine is another page: no dialog, draft or drill-down goes over from one to the other. */
export function MachinePage() {
  const { id } = useParams({ from: "/app/machines/$id" });
  return <Machine key={id} id={id} />;
}

function Machine({ id }: { id: string }) {
  const { tab = "overview" } = useSearch({ from: "/app/machines/$id" });
  const navigate = useNavigate({ from: "/machines/$id" });
  const isLeaving = useIsMutating({ mutationKey: ["agent_delete"] }) > 0;
  const query = useQuery({ ...q("agent_get", { path: { id } }), enabled: !isLeaving });
  const agent = query.data;
  const grants = useOwnGrants();
  const target = useMemo(() => agent && { machines: [agent] }, [agent]);
  useActedOn(target);
  if (query.error && (!agent || isMissing(query.error)))
    return <NoMachine error={query.error} onRetry={() => void query.refetch()} />;
  if (!agent || !target) {
    return (
      <Page title="Machine" heading={<Skeleton className="h-6 w-56" />}>
        <PageBody>
          <h1 className="sr-only">Machine</h1>
          <Skeleton className="mt-10 h-40 w-full" />
        </PageBody>
      </Page>
    );
  }
  const place = { clientId: agent.client_id, siteId: agent.site_id };
  const name = agentName(agent);
  const body = (tabContent: ReactNode, isText = false) => (
    <PageBody className="pt-4" isText={isText}>
      {tabContent}
    </PageBody>
  );
  const tabs: TabsOf<MachineTab> = [
    { value: "overview", label: "Overview", content: body(<OverviewTab agent={agent} />) },
    {
      value: "metrics",
      label: "Metrics",
      content: body(
        <Suspense fallback={<Skeleton className="h-64 w-full" />}>
          <MetricsTab agent={agent} />
        </Suspense>,
      ),
    },
    ...(whyNot(grants, "commands.view", place)
      ? []
      : [{ value: "commands" as const, label: "Commands", content: body(<MachineCommandsTab agent={agent} />) }]),
    { value: "network", label: "Network", content: body(<NetworkTab agent={agent} />) },
    { value: "capabilities", label: "Capabilities", content: body(<CapabilitiesTab agent={agent} />, true) },
    ...(whyNot(grants, "audit.view", place)
      ? []
      : [{ value: "audit" as const, label: "Audit", content: <MachineAuditTab agentId={agent.id} /> }]),
  ];
  return (
    <Page
      title={name}
      heading={
        <div className="flex flex-wrap items-center gap-x-3">
          <h1 className="min-w-0 truncate font-semibold text-xl">{name}</h1>
          <AgentStatus status={agent.status} state={agent.state} />
        </div>
      }
      subtitle={
        <p className="flex flex-wrap gap-x-2">
          <PlaceLinks agent={agent} />
          <span aria-hidden>·</span>
          <span>
            {agent.os_name} {agent.os_version}
          </span>
          <span aria-hidden>·</span>
          <span>
            {agent.state && agent.state !== "active" ? (
              <>
                {agentStateWord(agent.state).toLowerCase()} since{" "}
                <Time value={agent.state_changed_at ?? agent.enrolled_at} />
              </>
            ) : (
              <>
                {agent.status} since <Time value={agent.status_changed_at} />
              </>
            )}
          </span>
        </p>
      }
      actions={<MachineMenu target={target} />}
    >
      <MachineNotices agent={agent} />
      <Tabs<MachineTab>
        label="Machine"
        value={tabs.some(({ value }) => value === tab) ? tab : "overview"}
        onValue={(next) =>
          void navigate({
            search: (before) => ({ ...before, tab: next === "overview" ? undefined : next }),
            replace: true,
          })
        }
        tabs={tabs}
      />
    </Page>
  );
}

function NoMachine({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Page title="Machine">
      {isMissing(error) ? (
        <EmptyState
          icon={MonitorX}
          title="This machine is not here"
          className="flex-1"
          action={
            <Button asChild>
              <Link to="/machines">Back to the list</Link>
            </Button>
          }
        >
          It was deleted, or the address is wrong.
        </EmptyState>
      ) : (
        <ErrorView error={error} onRetry={onRetry} className="flex-1" />
      )}
    </Page>
  );
}
