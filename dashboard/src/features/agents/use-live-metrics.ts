import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { onLiveEvent } from "@/api/live";
import { useNow } from "@/lib/hooks";
import { appendNewest, metricsQuery, RANGE_MS } from "./metrics-query";
import { chartsOf } from "./metrics-series";
import type { Range } from "./search";

/** What a machine measured over a range that ends now, as the charts draw it; each new measurement joins. */
export function useLiveMetrics(agentId: string, range: Range) {
  const query = useQuery(metricsQuery(agentId, range));
  const ticked = useNow();
  useEffect(
    () =>
      onLiveEvent((event) => {
        if (event.type !== "agent_metrics" || event.data.agent_id !== agentId) return;
        // A failed fetch is made good by the next one, which starts at the same last point.
        appendNewest(agentId, range).catch(() => {});
      }),
    [agentId, range],
  );
  const charts = useMemo(() => chartsOf(query.data ?? []), [query.data]);
  // A point that came since the last tick of the clock is seen at once.
  const now = Math.max(ticked, (charts.cpu.times.at(-1) ?? 0) * 1000);
  return { query, charts, window: { from: (now - RANGE_MS[range]) / 1000, to: now / 1000 } };
}
