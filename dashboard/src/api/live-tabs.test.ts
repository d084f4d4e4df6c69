import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeChannel } from "@/test/fake-channel";

const { FakeSource } = await vi.hoisted(() => import("@/test/fake-source"));
vi.mock("./live-source", () => ({ LiveSource: FakeSource }));

/** The streams that tabs have opened. */
const sources = FakeSource.all;

/** One holder at a time, the others in a row. */
function fakeLocks() {
  const row: (() => Promise<void>)[] = [];
  const next = async () => {
    await row[0]?.();
    row.shift();
    if (row.length > 0) void next();
  };
  return {
    request: async (_name: string, _options: unknown, hold: () => Promise<void>) => {
      row.push(hold);
      if (row.length === 1) void next();
    },
  };
}

/** Long enough for a tab to learn that nobody leads. */
const SETTLE_MS = 500;

/** A tab of its own: the module keeps what a tab knows. */
async function openTab() {
  vi.resetModules();
  const live = await import("./live");
  const others = FakeChannel.all.length;
  const stop = live.startLive();
  const channels = FakeChannel.all.slice(others);
  await vi.advanceTimersByTimeAsync(SETTLE_MS);
  return { ...live, stop, freeze: () => channels.map((channel) => channel.freeze()) };
}

beforeEach(() => {
  vi.useFakeTimers();
  sources.length = 0;
  FakeChannel.all = [];
  vi.stubGlobal("BroadcastChannel", FakeChannel);
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each([
  ["with web locks", fakeLocks],
  ["without web locks", () => undefined],
])("the tabs of a browser %s", (_, locks) => {
  beforeEach(() => {
    vi.stubGlobal("navigator", { ...navigator, locks: locks() });
  });

  it("share one stream; whoever comes second hears the same and has its commands watched", async () => {
    const [first, second] = [await openTab(), await openTab()];
    const heard: string[] = [];
    second.onLiveEvent((event) => heard.push(event.type));
    sources[0]?.onopen();
    second.watchCommand("c1");
    expect(sources.map(({ url }) => url)).toEqual(["/api/events", "/api/events?watch_command=c1"]);
    sources[1]?.onopen();
    sources[1]?.emit("tree_changed", {});
    expect(heard).toEqual(["tree_changed"]);
    expect([first.liveState.get(), second.liveState.get()]).toEqual(["open", "open"]);
    second.stop();
    first.stop();
  });

  it("hear measurements in groups, and everything in the order in which it came", async () => {
    const [first, second] = [await openTab(), await openTab()];
    const heard: string[] = [];
    second.onLiveEvent((event) => heard.push(event.type === "agent_metrics" ? event.data.agent_id : event.type));
    const source = sources.at(-1);
    source?.onopen();
    const measured = (agent_id: string) =>
      source?.emit("agent_metrics", { agent_id, recorded_at: "2026-03-01T12:00:00Z" });
    measured("a");
    measured("b");
    expect(heard).toEqual([]);
    source?.emit("tree_changed", {});
    expect(heard).toEqual(["a", "b", "tree_changed"]);
    measured("c");
    await vi.advanceTimersByTimeAsync(100);
    expect(heard).toEqual(["a", "b", "tree_changed", "c"]);
    measured("d");
    first.stop();
    expect(heard.slice(0, 5)).toEqual(["a", "b", "tree_changed", "c", "d"]);
    second.stop();
  });

  it("hear a group that is due with the next measurement, although the timer of a hidden tab is late", async () => {
    const [first, second] = [await openTab(), await openTab()];
    const heard: string[] = [];
    second.onLiveEvent((event) => heard.push(event.type === "agent_metrics" ? event.data.agent_id : event.type));
    const source = sources.at(-1);
    source?.onopen();
    const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
    for (const [agent_id, at] of [
      ["a", 1_000],
      ["b", 1_099],
      ["c", 1_100],
      ["d", 1_101],
    ] as const) {
      now.mockReturnValue(at);
      source?.emit("agent_metrics", { agent_id, recorded_at: "2026-03-01T12:00:00Z" });
    }
    expect(heard).toEqual(["a", "b", "c"]);
    now.mockRestore();
    second.stop();
    first.stop();
  });

  it("pass the stream on when the one that kept it leaves, and ask for everything once it is open", async () => {
    const [first, second, third] = [await openTab(), await openTab(), await openTab()];
    sources[0]?.onopen();
    const heard: string[] = [];
    for (const tab of [second, third]) tab.onLiveEvent((event) => heard.push(event.type));
    third.watchCommand("c1");
    sources[1]?.onopen();
    vi.advanceTimersByTime(10_000);
    first.stop();
    await vi.advanceTimersByTimeAsync(SETTLE_MS);
    expect(heard).toEqual([]);
    expect(sources.slice(2).map(({ url }) => url)).toEqual(["/api/events", "/api/events?watch_command=c1"]);
    sources[3]?.onopen();
    expect(heard).toEqual(["resync", "resync"]);
    third.stop();
    second.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("do not depend on the timers of a hidden one to connect again", async () => {
    const leader = await openTab();
    const looked = await openTab();
    sources[0]?.onopen();
    const failed = vi.fn();
    looked.onLiveBroken(failed);
    // The leader's own timer for the next attempt is the one that runs late.
    const set = vi.spyOn(globalThis, "setTimeout").mockImplementationOnce(() => 0 as never);
    sources[0]?.onerror();
    set.mockRestore();
    expect(looked.liveState.get()).toBe("broken");
    vi.advanceTimersByTime(1000);
    expect(sources).toHaveLength(2);
    sources[1]?.onerror();
    expect(failed).toHaveBeenCalledTimes(2);
    looked.stop();
    leader.stop();
  });
});

describe("the tabs of a browser without web locks", () => {
  beforeEach(() => {
    vi.stubGlobal("navigator", { ...navigator, locks: undefined });
  });

  it("take the stream of one that was killed or frozen, and give it back should that one return", async () => {
    const [first, second] = [await openTab(), await openTab()];
    const heard: string[] = [];
    second.onLiveEvent((event) => heard.push(event.type));
    second.watchCommand("c1");
    sources[1]?.onopen();
    const thaw = first.freeze();
    await vi.advanceTimersByTimeAsync(6000);
    expect(sources[2]?.url).toBe("/api/events");
    sources[3]?.onopen();
    expect(heard).toEqual(["resync"]);
    for (const run of thaw) run();
    expect(sources[3]?.isClosed).toBe(true);
    heard.length = 0;
    const last = sources.at(-1);
    last?.onopen();
    last?.emit("tree_changed", {});
    expect(last?.url).toBe("/api/events?watch_command=c1");
    expect(sources.filter(({ isClosed }) => !isClosed)).toEqual([last]);
    expect(heard).toEqual(["resync", "tree_changed"]);
    second.stop();
    first.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
