import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call } from "@/api/client";
import { useNow } from "@/lib/hooks";
import { serverNow } from "@/lib/server-time";
import { chartsOfHistory } from "./history-series";
import { RANGE_MS } from "./metrics-query";
import type { Range } from "./search";

/** As often as the server rolls up. */
const REFRESH_MS = 300_000;

export function historyQuery(id: string, range: Range) {
  return queryOptions({
    queryKey: ["agent_history", { path: { id }, range }] as const,
    queryFn: ({ signal }) => {
      const from = new Date(serverNow() - RANGE_MS[range]).toISOString();
      return call("agent_history", { path: { id }, query: { from } }, signal);
    },
    staleTime: REFRESH_MS,
    refetchInterval: REFRESH_MS,
  });
}

/** How a machine was over a long range that ends now, as the charts draw it. */
export function useHistory(agentId: string, range: Range) {
  const query = useQuery(historyQuery(agentId, range));
  const now = useNow();
  const charts = useMemo(() => chartsOfHistory(query.data ?? { step_seconds: 300, items: [] }), [query.data]);
  return { query, charts, window: { from: (now - RANGE_MS[range]) / 1000, to: now / 1000 } };
}
