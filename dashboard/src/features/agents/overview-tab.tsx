import { Suspense, useState } from "react";
import type { Agent } from "@/api/types";
import { OS_WORD } from "@/components/agent-name";
import { Id } from "@/components/copy";
import { useCannot } from "@/components/me";
import { SiteKeyName } from "@/components/site-key-name";
import { Time } from "@/components/time";
import { formatDuration } from "@/lib/format";
import { lazyPart } from "@/lib/lazy-part";
import { Facts, Panel } from "@/ui/panel";
import { Gauge } from "./gauge";
import { LabelsPanel } from "./labels-panel";
import { OverviewChartsSkeleton } from "./overview-charts-skeleton";
import { ClientLink, SiteLink } from "./place-links";
import { ProcessesDialog, type ProcessesFor } from "./processes-dialog";

const OverviewCharts = lazyPart(() => import("./overview-charts").then((module) => module.OverviewCharts));

const LINK = "text-accent-text hover:underline";

function userOf(agent: Agent) {
  if (!agent.logged_in_user) return "none";
  const idle = agent.user_idle_seconds;
  // a minute without input is somebody who reads
  if (idle == null || idle < 60) return agent.logged_in_user;
  return `${agent.logged_in_user} (idle for ${formatDuration(idle * 1000)})`;
}

const modelOf = (agent: Agent): string => [agent.manufacturer, agent.model].filter(Boolean).join(" ") || "—";

/** Since when it has its key, and whether another is on the way. */
function AgentKey({ agent }: { agent: Agent }) {
  return (
    <>
      since <Time value={agent.key_changed_at ?? agent.enrolled_at} />
      {agent.rotate_requested_at && (
        <>
          {" "}
          (another waits for the machine, asked for <Time value={agent.rotate_requested_at} />)
        </>
      )}
    </>
  );
}

/** How the machine is now, how it was lately, and what it is. */
export function OverviewTab({ agent }: { agent: Agent }) {
  const [drill, setDrill] = useState<ProcessesFor>();
  const cannotSeeKeys = useCannot("site_keys.view", { clientId: agent.client_id, siteId: agent.site_id });
  const isStale = agent.status === "offline" || (agent.state ?? "active") !== "active";
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-3 sm:grid-cols-3">
        <Gauge label="CPU" value={agent.cpu_percent} isStale={isStale} onOpen={() => setDrill("cpu")} />
        <Gauge label="Memory" value={agent.memory_percent} isStale={isStale} onOpen={() => setDrill("memory")} />
        <Gauge label="Disk" value={agent.disk_percent} isStale={isStale} onOpen={() => setDrill("disk")} />
      </div>
      <p className="text-soft text-xs">
        {agent.metrics_at ? (
          <>
            Measured <Time value={agent.metrics_at} />. Choose a gauge to see which processes use it.
          </>
        ) : (
          "Nothing has been measured yet. The first figures come a minute after the machine connects."
        )}
      </p>
      <Suspense fallback={<OverviewChartsSkeleton />}>
        <OverviewCharts agentId={agent.id} />
      </Suspense>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title="Machine">
          <Facts
            items={[
              { name: "Host name", value: agent.hostname },
              { name: "System", value: `${agent.os_name} ${agent.os_version} (${OS_WORD[agent.os]})` },
              { name: "Kernel", value: agent.kernel_version ?? "—" },
              { name: "Serial number", value: agent.serial ?? "—" },
              { name: "Model", value: modelOf(agent) },
              { name: "Processor type", value: agent.arch },
              { name: "Uptime", value: agent.uptime_seconds ? formatDuration(agent.uptime_seconds * 1000) : "—" },
              { name: "Logged-in user", value: userOf(agent) },
              { name: "Public address", value: agent.public_ip ?? "—" },
            ]}
          />
        </Panel>
        <div className="flex flex-col gap-4">
          <Panel title="Agent">
            <Facts
              items={[
                { name: "Client", value: <ClientLink agent={agent} className={LINK} /> },
                { name: "Site", value: <SiteLink agent={agent} className={LINK} /> },
                { name: "Agent version", value: agent.agent_version },
                { name: "Last seen", value: <Time value={agent.last_seen_at} empty="never" /> },
                { name: "Enrolled", value: <Time value={agent.enrolled_at} /> },
                ...(cannotSeeKeys
                  ? []
                  : [
                      {
                        name: "Site key",
                        value: (
                          <SiteKeyName keyId={agent.site_key_id} at={{ site_id: agent.site_id }} className={LINK} />
                        ),
                      },
                    ]),
                { name: "Agent key", value: <AgentKey agent={agent} /> },
                { name: "Machine id", value: <Id value={agent.id} label="machine id" /> },
              ]}
            />
          </Panel>
          <LabelsPanel agent={agent} />
        </div>
      </div>
      {drill && <ProcessesDialog agentId={agent.id} about={drill} onClose={() => setDrill(undefined)} />}
    </div>
  );
}
