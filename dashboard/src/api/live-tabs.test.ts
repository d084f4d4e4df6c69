import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** The streams that tabs have opened. */
let sources: FakeSource[] = [];
class FakeSource extends EventTarget {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {
    super();
    sources.push(this);
  }
  close() {}
  emit(type: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }
}

/** The tabs of one browser hear each other at once. */
let channels: FakeChannel[] = [];
class FakeChannel {
  onmessage: ((message: { data: unknown }) => void) | null = null;
  constructor() {
    channels.push(this);
  }
  postMessage(data: unknown) {
    for (const other of channels) if (other !== this) other.onmessage?.({ data });
  }
  close() {
    channels = channels.filter((other) => other !== this);
  }
}

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

/** A tab of its own: the module keeps what a tab knows. */
async function openTab() {
  vi.resetModules();
  const live = await import("./live");
  return { ...live, stop: live.startLive() };
}

beforeEach(() => {
  vi.useFakeTimers();
  sources = [];
  channels = [];
  vi.stubGlobal("EventSource", FakeSource);
  vi.stubGlobal("BroadcastChannel", FakeChannel);
  vi.stubGlobal("navigator", { ...navigator, locks: fakeLocks() });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the tabs of a browser", () => {
  it("share one stream; whoever comes second hears the same and has its commands watched", async () => {
    const [first, second] = [await openTab(), await openTab()];
    const heard: string[] = [];
    second.onLiveEvent((event) => heard.push(event.type));
    sources[0]?.onopen?.();
    second.watchCommand("c1");
    expect(sources.map(({ url }) => url)).toEqual(["/api/events", "/api/events?watch_command=c1"]);
    sources[1]?.onopen?.();
    sources[1]?.emit("tree_changed", {});
    expect(heard).toEqual(["tree_changed"]);
    expect([first.liveState.get(), second.liveState.get()]).toEqual(["open", "open"]);
    second.stop();
    first.stop();
  });

  it("pass the stream on when the one that kept it leaves, and ask for everything then", async () => {
    const [first, second] = [await openTab(), await openTab()];
    sources[0]?.onopen?.();
    const heard: string[] = [];
    second.onLiveEvent((event) => heard.push(event.type));
    vi.advanceTimersByTime(10_000);
    first.stop();
    await vi.advanceTimersByTimeAsync(0);
    expect(sources).toHaveLength(2);
    expect(heard).toEqual(["resync"]);
    second.stop();
  });

  it("do not depend on the timers of a hidden one to connect again", async () => {
    const leader = await openTab();
    const looked = await openTab();
    sources[0]?.onopen?.();
    const failed = vi.fn();
    looked.onLiveBroken(failed);
    // The leader's own timer for the next attempt is the one that runs late.
    const set = vi.spyOn(globalThis, "setTimeout").mockImplementationOnce(() => 0 as never);
    sources[0]?.onerror?.();
    set.mockRestore();
    expect(looked.liveState.get()).toBe("broken");
    vi.advanceTimersByTime(1000);
    expect(sources).toHaveLength(2);
    sources[1]?.onerror?.();
    expect(failed).toHaveBeenCalledTimes(2);
    looked.stop();
    leader.stop();
  });
});
