import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Agent } from "@/api/types";
import { cn } from "@/lib/cn";
import { formatAbsolute, formatDuration } from "@/lib/format";
import { ChartGrid } from "./chart-grid";
import { isHistory } from "./metrics-query";
import { RANGES, type Range } from "./search";
import { useHistory } from "./use-history";
import { useLiveMetrics } from "./use-live-metrics";

const RANGE_WORD: Record<Range, string> = {
  "15m": "15 minutes",
  "1h": "1 hour",
  "6h": "6 hours",
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "90d": "90 days",
  "1y": "year",
};

/** How the machine was over a range that ends now. */
export function MetricsTab({ agent }: { agent: Agent }) {
  const { range = "1h" } = useSearch({ from: "/app/machines/$id" });
  return isHistory(range) ? <HistoryCharts agent={agent} range={range} /> : <LiveCharts agent={agent} range={range} />;
}

/** What is the same around the charts of every range. */
const frameOf = (agent: Agent, range: Range) => ({
  agent,
  fileName: `${agent.hostname}-${range}`,
  rangeWord: RANGE_WORD[range],
  picker: <RangePicker range={range} />,
});

/** Single measurements; new ones join at the right edge. */
function LiveCharts({ agent, range }: { agent: Agent; range: Range }) {
  const { query, charts, window } = useLiveMetrics(agent.id, range);
  const cutBefore = query.data?.cutBefore;
  return (
    <ChartGrid
      {...frameOf(agent, range)}
      query={query}
      isEmpty={query.data?.points.length === 0}
      charts={charts}
      window={window}
      note={
        cutBefore &&
        `There are more measurements than can be shown at once. What is older than ${formatAbsolute(cutBefore)} is left out; choose a shorter range to see all of it.`
      }
    />
  );
}

/** Averages of steps, with the lowest and the highest around them. */
function HistoryCharts({ agent, range }: { agent: Agent; range: Range }) {
  const { query, charts, window } = useHistory(agent.id, range);
  return (
    <ChartGrid
      {...frameOf(agent, range)}
      query={query}
      isEmpty={query.data?.items.length === 0}
      charts={charts}
      window={window}
      caption={query.data && captionOf(query.data.step_seconds)}
    />
  );
}

function captionOf(stepSeconds: number): string {
  const step = formatDuration(stepSeconds * 1000);
  return `Lines are averages over ${step}; the shade around them goes from the lowest to the highest measurement.`;
}

function RangePicker({ range }: { range: Range }) {
  const navigate = useNavigate({ from: "/machines/$id" });
  return (
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
            "h-7 rounded-md border px-2.5 font-medium text-xs max-sm:h-10 max-sm:px-3",
            choice === range
              ? "border-accent bg-accent-soft text-accent-text"
              : "border-line bg-surface hover:bg-hover",
          )}
        >
          {choice}
        </button>
      ))}
    </fieldset>
  );
}
