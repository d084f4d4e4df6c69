import { type InfiniteData, InfiniteQueryObserver, QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLiveCache } from "./live-cache";
import type { Agent, Page } from "./types";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const LIST = ["agent_list", { query: {} }, "pages"];
const agent = (id: string, change: Partial<Agent> = {}) =>
  ({ id, status: "online", cpu_percent: 1, ...change }) as unknown as Agent;
const page = (items: Agent[], next: string | null = null): Page<Agent> => ({ items, next });
const listOf = (...items: Agent[]) => ({ pages: [page(items)], pageParams: [null] });

const offline = (id: string) => ({ type: "agent_status", data: { agent_id: id, status: "offline" } }) as const;
const metrics = (id: string, cpu: number, minute = 1) =>
  ({
    type: "agent_metrics",
    data: { agent_id: id, cpu_percent: cpu, recorded_at: `2026-01-01T00:0${minute}:00Z` },
  }) as const;

/** Answers that the test gives when it wants. */
function deferred<T>() {
  const all: ((answer: T) => void)[] = [];
  const ask = () => new Promise<T>((resolve) => all.push(resolve));
  const answer = async (at: number, value: T) => {
    all[at]?.(value);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { ask, answer, all };
}

const statuses = (client: QueryClient) =>
  client.getQueryData<InfiniteData<Page<Agent>>>(LIST)?.pages.flatMap(({ items }) => items.map((each) => each.status));

describe("live patches", () => {
  it("leave a list as stale and as old as it was, whether it has the machine or not", () => {
    const client = new QueryClient();
    const cache = createLiveCache(client);
    for (const id of ["elsewhere", "a"]) {
      client.setQueryData(LIST, listOf(agent("a")), { updatedAt: 1000 });
      void client.invalidateQueries({ queryKey: LIST });
      cache.apply(metrics(id, 50));
      vi.advanceTimersByTime(250);
      expect(client.getQueryState(LIST)).toMatchObject({ isInvalidated: true, dataUpdatedAt: 1000 });
    }
    expect(client.getQueryData(LIST)).toMatchObject({ pages: [{ items: [{ cpu_percent: 50 }] }] });
  });

  it("survive a refetch that was asked for before them", async () => {
    const client = new QueryClient();
    const cache = createLiveCache(client);
    const server = deferred<Page<Agent>>();
    client.setQueryData(LIST, listOf(agent("a"), agent("b")));
    const observer = new InfiniteQueryObserver(client, {
      queryKey: LIST,
      queryFn: server.ask,
      initialPageParam: null,
      getNextPageParam: () => null,
    });
    const off = observer.subscribe(() => {});
    expect(server.all).toHaveLength(1);
    cache.apply(offline("a"));
    vi.advanceTimersByTime(250);
    await server.answer(0, page([agent("a"), agent("b")]));
    expect(statuses(client)).toEqual(["offline", "online"]);
    off();
  });

  it("survive the coming of the next page", async () => {
    const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
    const cache = createLiveCache(client);
    const server = deferred<Page<Agent>>();
    client.setQueryData(LIST, { pages: [page([agent("a")], "n")], pageParams: [null] });
    const observer = new InfiniteQueryObserver(client, {
      queryKey: LIST,
      queryFn: server.ask,
      initialPageParam: null as string | null,
      getNextPageParam: (last: Page<Agent>) => last.next,
    });
    const off = observer.subscribe(() => {});
    void observer.fetchNextPage();
    cache.apply(offline("a"));
    vi.advanceTimersByTime(250);
    expect(statuses(client)).toEqual(["offline"]);
    await server.answer(0, page([agent("b")]));
    expect(statuses(client)).toEqual(["offline", "online"]);
    off();
  });

  it("survive a fetch that is given up because nobody looks any more", async () => {
    const client = new QueryClient();
    const cache = createLiveCache(client);
    const key = ["agent_get", { path: { id: "a" } }];
    client.setQueryData(key, agent("a"));
    const observer = new QueryObserver(client, { queryKey: key, queryFn: ({ signal }) => new Promise(() => signal) });
    const off = observer.subscribe(() => {});
    cache.apply(offline("a"));
    vi.advanceTimersByTime(250);
    off();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.getQueryData(key)).toMatchObject({ status: "offline" });
  });

  it("are not taken back by what a machine measured while it was away", () => {
    const client = new QueryClient();
    const cache = createLiveCache(client);
    client.setQueryData(LIST, listOf(agent("a", { metrics_at: "2026-01-01T00:05:00Z", cpu_percent: 5 })));
    cache.apply(metrics("a", 90, 2));
    vi.advanceTimersByTime(250);
    expect(client.getQueryData(LIST)).toMatchObject({ pages: [{ items: [{ cpu_percent: 5 }] }] });
    cache.apply(metrics("a", 7, 6));
    vi.advanceTimersByTime(250);
    expect(client.getQueryData(LIST)).toMatchObject({
      pages: [{ items: [{ cpu_percent: 7, last_seen_at: "2026-01-01T00:06:00Z" }] }],
    });
  });
});

describe("a measurement", () => {
  it("has the open machine read again, for what the event does not carry", () => {
    const client = new QueryClient();
    const cache = createLiveCache(client);
    const key = (id: string) => ["agent_get", { path: { id } }];
    client.setQueryData(key("a"), agent("a", { uptime_seconds: 60 }));
    client.setQueryData(key("b"), agent("b"));
    cache.apply(metrics("a", 1));
    vi.advanceTimersByTime(1000);
    expect(client.getQueryState(key("a"))?.isInvalidated).toBe(true);
    expect(client.getQueryState(key("b"))?.isInvalidated).toBe(false);
  });
});
