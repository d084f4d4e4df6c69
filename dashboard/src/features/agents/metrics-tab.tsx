import { useNavigate, useSearch } from "@tanstack/react-router";
import { LineChart } from "lucide-react";
import type { Agent } from "@/api/types";
import { TimeChart } from "@/components/chart/time-chart";
import { EmptyState, ErrorView } from "@/components/feedback";
import { cn } from "@/lib/cn";
import { formatAbsolute, formatBytes, formatPercent } from "@/lib/format";
import { Panel, Skeleton } from "@/ui/panel";
import { RANGES, type Range } from "./search";
import { useLiveMetrics } from "./use-live-metrics";

const RANGE_WORD: Record<Range, string> = {
  "15m": "15 minutes",
  "1h": "1 hour",
  "6h": "6 hours",
  "24h": "24 hours",
  "7d": "7 days",
};
const percent = (value: number) => formatPercent(value);
const rate = (value: number) => `${formatBytes(value)}/s`;

/** How the machine was over a range that ends now; new measurements join at the right edge. */
export function MetricsTab({ agent }: { agent: Agent }) {
  const { range = "1h" } = useSearch({ from: "/app/machines/$id" });
  const navigate = useNavigate({ from: "/machines/$id" });
  const { query, charts, window } = useLiveMetrics(agent.id, range);
  return (
    <div className="flex flex-col gap-4">
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">Range</legend>
        {RANGES.map((choice) => (
          <button
            key={choice}
            type="button"
            aria-pressed={choice === range}
            aria-label={`${choice}: last ${RANGE_WORD[choice]}`}
            onClick={() => void navigate({ search: (before) => ({ ...before, range: choice }), replace: true })}
            className={cn(
              "h-7 rounded-md border px-2.5 font-medium text-xs max-sm:h-10 max-sm:px-4",
              choice === range
                ? "border-accent bg-accent-soft text-accent-text"
                : "border-line bg-surface hover:bg-hover",
            )}
          >
            {choice}
          </button>
        ))}
      </fieldset>
      {query.error && !query.data ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <div className="grid gap-4 xl:grid-cols-2">
          {["cpu", "memory", "disk", "network"].map((key) => (
            <Skeleton key={key} className="h-64 rounded-lg" />
          ))}
        </div>
      ) : query.data?.points.length === 0 ? (
        <EmptyState icon={LineChart} title={`Nothing was measured in the last ${RANGE_WORD[range]}`}>
          {agent.status === "offline"
            ? "The machine is offline. Choose a longer range, or bring it back online."
            : "The first figures come a minute after the machine connects."}
        </EmptyState>
      ) : (
        <div className="grid gap-4 xl:grid-cols-2">
          {query.data?.cutBefore && (
            <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn xl:col-span-2">
              There are more measurements than can be shown at once. What is older than{" "}
              {formatAbsolute(query.data.cutBefore)} is left out; choose a shorter range to see all of it.
            </p>
          )}
          <Panel title="CPU">
            <TimeChart label="CPU" data={charts.cpu} window={window} format={percent} max={100} />
          </Panel>
          <Panel title="Memory">
            <TimeChart label="Memory" data={charts.memory} window={window} format={percent} max={100} />
          </Panel>
          <Panel title="Disk">
            <TimeChart label="Disk" data={charts.disk} window={window} format={percent} max={100} />
          </Panel>
          <Panel title="Network">
            <TimeChart label="Network" data={charts.network} window={window} format={rate} />
          </Panel>
        </div>
      )}
    </div>
  );
}
