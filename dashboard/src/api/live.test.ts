import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLiveCache } from "./live-cache";
import { type LiveEvent, parseLiveEvent } from "./live-events";
import { openLiveStream } from "./live-stream";

const { FakeSource } = await vi.hoisted(() => import("@/test/fake-source"));
vi.mock("./live-source", () => ({ LiveSource: FakeSource }));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const agent = (id: string) => ({ id, status: "online", cpu_percent: 1 });
const pagesOf = (...ids: string[]) => ({ pages: [{ items: ids.map(agent), next: null }], pageParams: [null] });

describe("live cache", () => {
  it("writes any number of events into the rows at once, four times a second at most", () => {
    const client = new QueryClient();
    const key = ["agent_list", { query: {} }, "pages"];
    client.setQueryData(key, pagesOf("a", "b"));
    let writes = 0;
    client.getQueryCache().subscribe((event) => {
      if (event.type === "updated") writes += 1;
    });
    const cache = createLiveCache(client);
    for (let cpu = 0; cpu < 500; cpu += 1) {
      cache.apply({
        type: "agent_metrics",
        data: { agent_id: "a", cpu_percent: cpu, recorded_at: "2026-01-01T00:00:00Z" },
      });
    }
    cache.apply({
      type: "agent_status",
      data: { agent_id: "b", status: "offline", last_seen_at: "2026-01-01T00:00:00Z" },
    });
    expect(writes).toBe(0);
    vi.advanceTimersByTime(250);
    expect(writes).toBe(1);
    expect(client.getQueryData(key)).toMatchObject({
      pages: [
        {
          items: [
            { id: "a", cpu_percent: 499 },
            { id: "b", status: "offline", cpu_percent: 1 },
          ],
        },
      ],
    });
  });

  it("writes into lists of a single page as well", () => {
    const client = new QueryClient();
    const key = ["agent_list", { query: { limit: 8 } }];
    client.setQueryData(key, { items: [agent("a"), agent("b")], next: null });
    const cache = createLiveCache(client);
    cache.apply({ type: "agent_status", data: { agent_id: "a", status: "offline" } });
    vi.advanceTimersByTime(250);
    expect(client.getQueryData(key)).toMatchObject({ items: [{ status: "offline" }, { status: "online" }] });
  });

  it("leaves pages without a changed row untouched", () => {
    const client = new QueryClient();
    const key = ["agent_list", { query: {} }, "pages"];
    client.setQueryData(key, pagesOf("a"));
    const before = client.getQueryData(key);
    const cache = createLiveCache(client);
    cache.apply({ type: "agent_status", data: { agent_id: "elsewhere", status: "offline" } });
    vi.advanceTimersByTime(2000);
    expect(client.getQueryData(key)).toBe(before);
  });

  it("marks what changed as stale once a second, and everything on resync", () => {
    const client = new QueryClient();
    const marked = (key: unknown[]) => client.getQueryState(key)?.isInvalidated;
    for (const key of [["command_list"], ["command_get", { path: { id: "c" } }], ["site_list"]]) {
      client.setQueryData(key, { items: [] });
    }
    const cache = createLiveCache(client);
    const changed: LiveEvent = { type: "command_changed", data: { command_id: "c", agent_id: "a", status: "running" } };
    for (let i = 0; i < 50; i += 1) cache.apply(changed);
    expect(marked(["command_list"])).toBe(false);
    vi.advanceTimersByTime(1000);
    expect(marked(["command_list"])).toBe(true);
    expect(marked(["command_get", { path: { id: "c" } }])).toBe(true);
    expect(marked(["site_list"])).toBe(false);
    cache.apply({ type: "resync", data: {} });
    expect(marked(["site_list"])).toBe(true);
  });
});

describe("live events", () => {
  it("drops what it does not understand", () => {
    for (const type of ["ping", "message", "toString", ""]) expect(parseLiveEvent(type, "{}")).toBeUndefined();
    expect(parseLiveEvent("command_run_changed", "{}")).toBeUndefined();
    expect(parseLiveEvent("agent_status", "not json")).toBeUndefined();
    expect(parseLiveEvent("agent_status", '{"agent_id":"a","status":"asleep"}')).toBeUndefined();
    expect(parseLiveEvent("agent_status", '{"agent_id":"a","status":"online","new_field":1}')).toMatchObject({
      type: "agent_status",
    });
  });
});

describe("live stream", () => {
  beforeEach(() => {
    FakeSource.all.length = 0;
  });
  const start = () => {
    const events: string[] = [];
    const opened: string[][] = [];
    let broken = 0;
    const stream = openLiveStream({
      event: (event) => events.push(event.type),
      open: (watched) => opened.push(watched),
      broken: () => (broken += 1),
    });
    return { stream, events, opened, broken: () => broken };
  };

  it("keeps the old stream until the one with the new watches is open", () => {
    const { stream, opened } = start();
    const [first] = FakeSource.all;
    first?.onopen();
    stream.watch(["c1"]);
    const second = FakeSource.all[1];
    expect(second?.url).toBe("/api/events?watch_command=c1");
    expect(first?.isClosed).toBe(false);
    second?.onopen();
    expect(first?.isClosed).toBe(true);
    expect(opened).toEqual([[], ["c1"]]);
    stream.close();
  });

  it("comes back with growing pauses and then asks for everything", () => {
    const { stream, events, broken } = start();
    FakeSource.all[0]?.onopen();
    FakeSource.all[0]?.onerror();
    vi.advanceTimersByTime(1000);
    expect(FakeSource.all).toHaveLength(2);
    FakeSource.all[1]?.onerror();
    vi.advanceTimersByTime(999);
    expect(FakeSource.all).toHaveLength(2);
    vi.advanceTimersByTime(1001);
    expect(FakeSource.all).toHaveLength(3);
    expect(events).toEqual([]);
    FakeSource.all[2]?.onopen();
    expect(events).toEqual(["resync"]);
    expect(broken()).toBe(2);
    stream.close();
  });

  it("notices a connection that died without a word, by the pings that do not come", () => {
    const { stream, events, broken } = start();
    FakeSource.all[0]?.onopen();
    for (let minute = 0; minute < 10; minute += 1) {
      vi.advanceTimersByTime(15_000);
      FakeSource.all[0]?.emit("ping", {});
    }
    expect(broken()).toBe(0);
    vi.advanceTimersByTime(46_000);
    expect(broken()).toBe(1);
    expect(FakeSource.all[0]?.isClosed).toBe(true);
    vi.advanceTimersByTime(1000);
    FakeSource.all[1]?.onopen();
    expect(events).toEqual(["resync"]);
    stream.close();
  });

  it("asks for everything also when the stream is lost while another is opening", () => {
    const { stream, events } = start();
    FakeSource.all[0]?.onopen();
    stream.watch(["c1"]);
    FakeSource.all[0]?.onerror();
    expect(events).toEqual([]);
    FakeSource.all[1]?.onopen();
    expect(events).toEqual(["resync"]);
    stream.close();
  });

  it("tries at once when asked to, and only once", () => {
    const { stream } = start();
    FakeSource.all[0]?.onopen();
    stream.retry();
    expect(FakeSource.all).toHaveLength(1);
    FakeSource.all[0]?.onerror();
    stream.retry();
    stream.retry();
    expect(FakeSource.all).toHaveLength(2);
    vi.advanceTimersByTime(2000);
    expect(FakeSource.all).toHaveLength(2);
    stream.close();
  });
});
