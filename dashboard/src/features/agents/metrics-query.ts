import { queryOptions } from "@tanstack/react-query";
import { call, queryClient } from "@/api/client";
import type { MetricsPoint } from "@/api/types";
import type { Range } from "./search";

export const RANGE_MS: Record<Range, number> = {
  "15m": 15 * 60_000,
  "1h": 3_600_000,
  "6h": 6 * 3_600_000,
  "24h": 24 * 3_600_000,
  "7d": 7 * 24 * 3_600_000,
};

/** The server answers at most 5,000 points at once; a longer range is fetched piece by piece. */
const MAX_PIECES = 12;

async function loadPoints(id: string, from: number, signal?: AbortSignal): Promise<MetricsPoint[]> {
  const points: MetricsPoint[] = [];
  const to = new Date().toISOString();
  let start = new Date(from).toISOString();
  for (let piece = 0; piece < MAX_PIECES; piece += 1) {
    const answer = await call("agent_metrics", { path: { id }, query: { from: start, to } }, signal);
    points.push(...answer.items);
    const last = answer.items.at(-1);
    if (!answer.truncated || !last) break;
    start = justAfter(last);
  }
  return points;
}

const justAfter = (point: MetricsPoint) => new Date(Date.parse(point.recorded_at) + 1).toISOString();

export const metricsKey = (id: string, range: Range) => ["agent_metrics", { path: { id }, range }] as const;

/** The points of a range that ends now. */
export function metricsQuery(id: string, range: Range) {
  return queryOptions({
    queryKey: metricsKey(id, range),
    queryFn: ({ signal }) => loadPoints(id, Date.now() - RANGE_MS[range], signal),
    staleTime: 60_000,
  });
}

/** Fetches only what is newer than the last point and lets the oldest leave the range. */
export async function appendNewest(id: string, range: Range): Promise<void> {
  const points = queryClient.getQueryData<MetricsPoint[]>(metricsKey(id, range));
  const last = points?.at(-1);
  const horizon = Date.now() - RANGE_MS[range];
  const newer = await loadPoints(id, last ? Math.max(Date.parse(last.recorded_at) + 1, horizon) : horizon);
  if (newer.length === 0) return;
  queryClient.setQueryData<MetricsPoint[]>(metricsKey(id, range), (before) =>
    mergePoints(before ?? [], newer, horizon),
  );
}

/** Two answers that raced may both bring the same point: time decides, each counts once. */
export function mergePoints(before: MetricsPoint[], newer: MetricsPoint[], horizon: number): MetricsPoint[] {
  const last = before.at(-1)?.recorded_at;
  const lastAt = last ? Date.parse(last) : Number.NEGATIVE_INFINITY;
  return [...before, ...newer.filter((point) => Date.parse(point.recorded_at) > lastAt)].filter(
    (point) => Date.parse(point.recorded_at) >= horizon,
  );
}
