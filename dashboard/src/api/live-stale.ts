/**
 * Marks of being stale that the live stream sets. However many events come, a query is read again once a second at most,
 * and a list of many pages, which takes long to read, rests longer than it took. A fetch that is under way is never
 * broken off for a newer mark (under steady events none would ever end): it is followed by another.
 */
import type { Query, QueryClient } from "@tanstack/react-query";
import type { Operation } from "./operations";

export interface StaleMarks {
  /** Marks the answers of one operation, all of them or those to these parameters. */
  mark: (operation: Operation, params?: unknown) => void;
  /** Marks everything: nobody knows what was missed. Once in a while this also replaces fetches that got stuck. */
  markAll: () => void;
  stop: () => void;
}

const EVERY_MS = 1000;
/** A query rests this many times as long as reading it took. */
const REST_FACTOR = 4;
const LONGEST_REST_MS = 10_000;
/** Whoever cannot keep up with the events is told again and again to read everything. */
const REPLACE_EVERY_MS = 10_000;

export function createStaleMarks(client: QueryClient): StaleMarks {
  const cache = client.getQueryCache();
  const keys = new Map<string, readonly unknown[]>();
  /** Marked queries that are being fetched or rest. */
  const waiting = new Set<Query>();
  const restsUntil = new WeakMap<Query, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let replacedAt = Number.NEGATIVE_INFINITY;

  function mark(key: readonly unknown[]): void {
    keys.set(JSON.stringify(key), key);
    timer ??= setTimeout(run, EVERY_MS);
  }

  function run(): void {
    timer = undefined;
    for (const queryKey of keys.values()) for (const query of cache.findAll({ queryKey })) waiting.add(query);
    keys.clear();
    for (const query of waiting) if (cache.get(query.queryHash) !== query || settle(query)) waiting.delete(query);
    if (waiting.size > 0) timer ??= setTimeout(run, EVERY_MS);
  }

  /** Whether nothing is left to do: the query is marked, and read again if somebody looks at it. */
  function settle(query: Query): boolean {
    if (query.state.fetchStatus !== "idle") return false;
    if (!query.isActive()) {
      query.invalidate();
      return true;
    }
    const began = Date.now();
    if (began < (restsUntil.get(query) ?? 0)) return false;
    void client.invalidateQueries({ queryKey: query.queryKey, exact: true }).then(() => {
      restsUntil.set(query, Date.now() + Math.min(LONGEST_REST_MS, REST_FACTOR * (Date.now() - began)));
    });
    return true;
  }

  return {
    mark: (operation, params) => mark(params === undefined ? [operation] : [operation, params]),
    markAll: () => {
      if (Date.now() - replacedAt < REPLACE_EVERY_MS) return mark([]);
      replacedAt = Date.now();
      void client.invalidateQueries();
    },
    stop: () => clearTimeout(timer),
  };
}
