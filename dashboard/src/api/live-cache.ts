/**
 * Live events → query cache. Status and metrics of machines are streams and are written into the cached rows, at most
 * four times a second for any number of events; everything else only marks queries stale, at most once a second each.
 */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { onLiveEvent } from "./live";
import type { LiveEvent } from "./live-events";
import type { Operation } from "./operations";
import type { Agent, Page } from "./types";

const FLUSH_MS = 250;
const INVALIDATE_MS = 1000;

type Patch = Partial<
  Pick<
    Agent,
    "status" | "status_changed_at" | "last_seen_at" | "cpu_percent" | "memory_percent" | "disk_percent" | "metrics_at"
  >
>;

export interface LiveCache {
  apply: (event: LiveEvent) => void;
  stop: () => void;
}

export function createLiveCache(client: QueryClient): LiveCache {
  const patches = new Map<string, Patch>();
  const stale = new Map<string, readonly unknown[]>();
  let flushTimer: ReturnType<typeof setTimeout> | undefined;
  let staleTimer: ReturnType<typeof setTimeout> | undefined;

  function patch(id: string, change: Patch): void {
    patches.set(id, { ...patches.get(id), ...change });
    flushTimer ??= setTimeout(flush, FLUSH_MS);
  }

  function flush(): void {
    flushTimer = undefined;
    const batch = new Map(patches);
    patches.clear();
    client.setQueriesData<AgentList>({ queryKey: ["agent_list"] }, (data) => data && patchList(data, batch));
    for (const [id, change] of batch) {
      client.setQueryData<Agent>(["agent_get", { path: { id } }], (agent) => (agent ? { ...agent, ...change } : agent));
    }
  }

  function markStale(operation: Operation, params?: unknown): void {
    const key = params === undefined ? [operation] : [operation, params];
    stale.set(JSON.stringify(key), key);
    staleTimer ??= setTimeout(() => {
      staleTimer = undefined;
      const keys = [...stale.values()];
      stale.clear();
      for (const queryKey of keys) void client.invalidateQueries({ queryKey });
    }, INVALIDATE_MS);
  }

  function statusChanged(id: string, status: Agent["status"], lastSeen: string | null | undefined): void {
    patch(id, { status, status_changed_at: new Date().toISOString(), ...(lastSeen ? { last_seen_at: lastSeen } : {}) });
    markStale("agent_summary");
    markStale("client_list");
    markStale("site_list");
    // A list filtered by status gains or loses a row; the other lists keep theirs.
    for (const query of client.getQueryCache().findAll({ queryKey: ["agent_list"] })) {
      if (JSON.stringify(query.queryKey).includes('"status":')) markStale("agent_list", query.queryKey[1]);
    }
  }

  return {
    apply: (event) => {
      switch (event.type) {
        case "agent_status":
          statusChanged(event.data.agent_id, event.data.status, event.data.last_seen_at);
          break;
        case "agent_metrics": {
          const { agent_id: id, recorded_at, ...percents } = event.data;
          patch(id, { ...percents, metrics_at: recorded_at });
          markStale("agent_processes", { path: { id } });
          break;
        }
        case "agent_changed":
          markStale("agent_list");
          markStale("agent_summary");
          markStale("agent_get", { path: { id: event.data.agent_id } });
          markStale("client_list");
          markStale("site_list");
          break;
        case "command_changed":
          markStale("command_list");
          markStale("command_get", { path: { id: event.data.command_id } });
          break;
        case "tree_changed":
          for (const operation of ["client_list", "client_get", "site_list", "site_get"] as const) markStale(operation);
          break;
        case "resync":
          void client.invalidateQueries();
          break;
        case "command_output":
          break;
      }
    },
    stop: () => {
      clearTimeout(flushTimer);
      clearTimeout(staleTimer);
    },
  };
}

/** A table holds its pages; the palette, a dialog or a queue one page. */
type AgentList = InfiniteData<Page<Agent>> | Page<Agent>;

function patchList(data: AgentList, batch: Map<string, Patch>): AgentList {
  if (!("pages" in data)) return patchPage(data, batch);
  const pages = data.pages.map((page) => patchPage(page, batch));
  return pages.some((page, index) => page !== data.pages[index]) ? { ...data, pages } : data;
}

function patchPage(page: Page<Agent>, batch: Map<string, Patch>): Page<Agent> {
  if (!page.items.some((agent) => batch.has(agent.id))) return page;
  return { ...page, items: page.items.map((agent) => ({ ...agent, ...batch.get(agent.id) })) };
}

export function connectLiveCache(client: QueryClient): () => void {
  const cache = createLiveCache(client);
  const off = onLiveEvent(cache.apply);
  return () => {
    off();
    cache.stop();
  };
}
