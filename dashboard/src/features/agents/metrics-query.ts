/**
 * The measurements of one machine over a range that ends now. "Now" is the server's and is left to it: a browser whose
 * clock is slow would cut the newest point off, and one that is fast would ask for times without any.
 */
import { queryOptions } from "@tanstack/react-query";
import { call, queryClient } from "@/api/client";
import type { MetricsPoint } from "@/api/types";
import { serverNow } from "@/lib/server-time";
import type { Range } from "./search";

export const RANGE_MS: Record<Range, number> = {
  "15m": 15 * 60_000,
  "1h": 3_600_000,
  "6h": 6 * 3_600_000,
  "24h": 24 * 3_600_000,
  "7d": 7 * 24 * 3_600_000,
  "30d": 30 * 24 * 3_600_000,
  "90d": 90 * 24 * 3_600_000,
  "1y": 365 * 24 * 3_600_000,
};

/** Longer ranges are shown from what the server has rolled up. */
export const isHistory = (range: Range): boolean => RANGE_MS[range] > RANGE_MS["24h"];

export interface Measured {
  points: MetricsPoint[];
  /** There are more points in the range than can be loaded; those before this moment are left out. */
  cutBefore?: string | undefined;
}

/** The server answers at most 5,000 points at once, the oldest first; a longer range is fetched piece by piece. */
const MAX_PIECES = 12;
/** How much of the budget a shortened range may use, since measurements are not spread evenly. */
const SAFETY = 0.8;

const timeOf = (point: MetricsPoint): number => Date.parse(point.recorded_at);

async function loadPieces(id: string, from: number, most: number, signal?: AbortSignal) {
  const points: MetricsPoint[] = [];
  let start = from;
  for (let piece = 0; piece < most; piece += 1) {
    const query = { from: new Date(start).toISOString() };
    const answer = await call("agent_metrics", { path: { id }, query }, signal);
    points.push(...answer.items);
    const last = answer.items.at(-1);
    if (!answer.truncated || !last) return { points, isCut: false };
    start = timeOf(last) + 1;
  }
  return { points, isCut: true };
}

/** All points since `from`, or the newest of them when there are too many. */
export async function loadPoints(id: string, from: number, signal?: AbortSignal): Promise<Measured> {
  const first = await loadPieces(id, from, 1, signal);
  const [oldest, last] = [first.points[0], first.points.at(-1)];
  if (!first.isCut || !oldest || !last) return { points: first.points };
  const spacing = Math.max(1, (timeOf(last) - timeOf(oldest)) / first.points.length);
  const rest = MAX_PIECES - 1;
  const reach = spacing * first.points.length * rest;
  const now = serverNow();
  if (now - timeOf(last) <= reach) {
    const { points } = await loadPieces(id, timeOf(last) + 1, rest, signal);
    return { points: [...first.points, ...points] };
  }
  const { points } = await loadPieces(id, now - reach * SAFETY, rest, signal);
  return { points, cutBefore: points[0]?.recorded_at };
}

export const metricsKey = (id: string, range: Range) => ["agent_metrics", { path: { id }, range }] as const;

/** The points of a range that ends now. */
export function metricsQuery(id: string, range: Range) {
  return queryOptions({
    queryKey: metricsKey(id, range),
    queryFn: ({ signal }) => loadPoints(id, serverNow() - RANGE_MS[range], signal),
    staleTime: 60_000,
  });
}

/** Fetches only what is newer than the last point and lets the oldest leave the range. */
export async function appendNewest(id: string, range: Range): Promise<void> {
  const last = queryClient.getQueryData<Measured>(metricsKey(id, range))?.points.at(-1);
  const horizon = serverNow() - RANGE_MS[range];
  const newer = await loadPoints(id, last ? Math.max(timeOf(last) + 1, horizon) : horizon);
  if (newer.points.length === 0) return;
  queryClient.setQueryData<Measured>(metricsKey(id, range), (before) => ({
    ...before,
    points: mergePoints(before?.points ?? [], newer.points, horizon),
  }));
}

/** Two answers that raced may both bring the same point: time decides, each counts once. */
export function mergePoints(before: MetricsPoint[], newer: MetricsPoint[], horizon: number): MetricsPoint[] {
  const last = before.at(-1);
  const lastAt = last ? timeOf(last) : Number.NEGATIVE_INFINITY;
  return [...before, ...newer.filter((point) => timeOf(point) > lastAt)].filter((point) => timeOf(point) >= horizon);
}
