/**
 * What the live stream tells about machines, written into the cached rows. Only the fields change: a row that was marked
 * stale stays stale, and as old as it was. An answer that was asked for before an event came may not know of it, so
 * what came while a fetch was under way is written again over its answer.
 */
import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query";
import type { Agent, Page } from "./types";

export type StatusPatch = Pick<Agent, "status" | "status_changed_at"> & Partial<Pick<Agent, "last_seen_at">>;
export type MetricsPatch = Partial<Pick<Agent, "cpu_percent" | "memory_percent" | "disk_percent">> & {
  metrics_at: string;
};

/** The newest that is known of one machine. */
interface Patch {
  status?: StatusPatch;
  metrics?: MetricsPatch;
}
type Batch = Map<string, Patch>;

export interface LivePatches {
  status: (id: string, patch: StatusPatch) => void;
  metrics: (id: string, patch: MetricsPatch) => void;
  stop: () => void;
}

const FLUSH_MS = 250;
const LIST = "agent_list";
const ONE = "agent_get";

/** Writes patches into the rows of `client`, four times a second at most for any number of them. */
export function createLivePatches(client: QueryClient): LivePatches {
  const cache = client.getQueryCache();
  const inFlight = new Map<Query, Batch>();
  let waiting: Batch = new Map();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function add(id: string, patch: Patch): void {
    join(waiting, id, patch);
    timer ??= setTimeout(flush, FLUSH_MS);
  }

  function flush(): void {
    timer = undefined;
    const batch = waiting;
    waiting = new Map();
    for (const operation of [LIST, ONE]) {
      for (const query of cache.findAll({ queryKey: [operation] })) write(query, batch);
    }
    for (const since of inFlight.values()) for (const [id, patch] of batch) join(since, id, patch);
  }

  const off = cache.subscribe((event) => {
    if (event.type !== "updated" && event.type !== "removed") return;
    const { query } = event;
    if (query.queryKey[0] !== LIST && query.queryKey[0] !== ONE) return;
    if (event.type === "removed") {
      inFlight.delete(query);
    } else if (query.state.fetchStatus !== "idle") {
      if (!inFlight.has(query)) inFlight.set(query, new Map());
    } else {
      // Answered, failed, or cancelled and put back as it was before the fetch.
      const since = inFlight.get(query);
      inFlight.delete(query);
      if (since && since.size > 0) write(query, since);
    }
  });

  return {
    status: (id, status) => add(id, { status }),
    metrics: (id, metrics) => add(id, { metrics }),
    stop: () => {
      clearTimeout(timer);
      off();
    },
  };
}

function join(batch: Batch, id: string, patch: Patch): void {
  batch.set(id, { ...batch.get(id), ...patch });
}

function write(query: Query, batch: Batch): void {
  const before: unknown = query.state.data;
  if (before === undefined) return;
  const after = query.queryKey[0] === ONE ? patchAgent(before as Agent, batch) : patchList(before, batch);
  // Not `setData`, which would take the mark of being stale away.
  if (after !== before) query.setState({ data: after });
}

/** A table holds its pages; the palette, a dialog or a queue one page. */
function patchList(data: unknown, batch: Batch): unknown {
  const list = data as InfiniteData<Page<Agent>> | Page<Agent>;
  if (!("pages" in list)) return patchPage(list, batch);
  const pages = list.pages.map((page) => patchPage(page, batch));
  return pages.some((page, index) => page !== list.pages[index]) ? { ...list, pages } : list;
}

function patchPage(page: Page<Agent>, batch: Batch): Page<Agent> {
  const items = page.items.map((agent) => patchAgent(agent, batch));
  return items.some((agent, index) => agent !== page.items[index]) ? { ...page, items } : page;
}

function patchAgent(agent: Agent, batch: Batch): Agent {
  const patch = batch.get(agent.id);
  if (!patch) return agent;
  let after = patch.status ? { ...agent, ...patch.status } : agent;
  const { metrics } = patch;
  // A machine that was away delivers what it measured meanwhile: the row keeps the newest.
  if (metrics && !isBefore(metrics.metrics_at, agent.metrics_at)) {
    after = { ...after, ...metrics };
    if (isBefore(after.last_seen_at, metrics.metrics_at)) after.last_seen_at = metrics.metrics_at;
  }
  return after;
}

const isBefore = (one: string | null | undefined, other: string | null | undefined): boolean =>
  Boolean(other) && (!one || Date.parse(one) < Date.parse(other as string));
