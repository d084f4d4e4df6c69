import { TimeChart } from "@/components/chart/time-chart";
import { ErrorView } from "@/components/feedback";
import { formatPercent } from "@/lib/format";
import { Panel } from "@/ui/panel";
import { OverviewChartsSkeleton } from "./overview-charts-skeleton";
import { useLiveMetrics } from "./use-live-metrics";

const percent = (value: number) => formatPercent(value);

/** The last minutes at a glance; nothing where nothing was measured. */
export function OverviewCharts({ agentId }: { agentId: string }) {
  const { query, charts, window } = useLiveMetrics(agentId, "15m");
  if (query.isPending) return <OverviewChartsSkeleton />;
  if (!query.data) {
    return (
      <Panel title="Last 15 minutes">
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      </Panel>
    );
  }
  if (query.data.points.length === 0) return null;
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Panel title="CPU, last 15 minutes">
        <TimeChart label="CPU" data={charts.cpu} window={window} format={percent} max={100} />
      </Panel>
      <Panel title="Memory, last 15 minutes">
        <TimeChart label="Memory" data={charts.memory} window={window} format={percent} max={100} />
      </Panel>
    </div>
  );
}
