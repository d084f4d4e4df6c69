import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { queryClient } from "@/api/client";
import { onLiveEvent } from "@/api/live";
import { useNow } from "@/lib/hooks";
import { latest } from "@/lib/latest";
import { appendNewest, metricsQuery, RANGE_MS } from "./metrics-query";
import { chartsOf } from "./metrics-series";
import type { Range } from "./search";

/** What a machine measured over a range that ends now, as the charts draw it; each new measurement joins. */
export function useLiveMetrics(agentId: string, range: Range) {
  const query = useQuery(metricsQuery(agentId, range));
  const ticked = useNow();
  useEffect(() => {
    // A machine that was away tells many measurements at once: one fetch brings them all. A fetch that fails is made
    // good by the next one, which starts at the same last point.
    const append = latest(() => appendNewest(agentId, range));
    return onLiveEvent((event) => {
      // what it still tells while it is being deleted can no longer be read
      const isLeaving = queryClient.isMutating({ mutationKey: ["agent_delete"] }) > 0;
      if (event.type === "agent_metrics" && event.data.agent_id === agentId && !isLeaving) append();
    });
  }, [agentId, range]);
  const points = query.data?.points;
  const charts = useMemo(() => chartsOf(points ?? []), [points]);
  // A point that came since the last tick of the clock is seen at once.
  const now = Math.max(ticked, (charts.cpu.times.at(-1) ?? 0) * 1000);
  return { query, charts, window: { from: (now - RANGE_MS[range]) / 1000, to: now / 1000 } };
}
