import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeChannel } from "@/test/fake-channel";
import { electLeader } from "./live-leader";

type Listener = (event: Partial<PageTransitionEvent>) => void;

/** The tabs of the test share a window: each is told by its own listeners. */
function openTab(name: string) {
  const did: string[] = [];
  const add = vi.spyOn(window, "addEventListener");
  const leave = electLeader(
    name,
    () => did.push("leads"),
    () => did.push("follows"),
  );
  const listeners = new Map(add.mock.calls.map(([type, listener]) => [type, listener as Listener]));
  add.mockRestore();
  const channel = FakeChannel.all.at(-1);
  const freeze = () => channel?.freeze() ?? (() => {});
  /** As when another page is opened in it; returns the way back. */
  const hide = () => {
    listeners.get("pagehide")?.({});
    const thaw = freeze();
    return () => {
      listeners.get("pageshow")?.({ persisted: true });
      thaw();
    };
  };
  return { did, leave, freeze, hide };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("BroadcastChannel", FakeChannel);
  FakeChannel.all = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTime(ms);

describe("the election of a leader", () => {
  it("lets the first lead and everybody else follow, without a timer in the leader", () => {
    const first = openTab("1");
    expect(first.did).toEqual([]);
    pass(500);
    expect(first.did).toEqual(["leads"]);
    expect(vi.getTimerCount()).toBe(0);
    const others = [openTab("2"), openTab("3")];
    pass(60_000);
    expect(first.did).toEqual(["leads"]);
    for (const { did } of others) expect(did).toEqual(["follows"]);
    expect(vi.getTimerCount()).toBe(2);
    for (const tab of [...others, first]) tab.leave();
    expect(vi.getTimerCount()).toBe(0);
    expect(FakeChannel.all).toEqual([]);
  });

  it.each([
    ["older", "1", "2"],
    ["younger", "2", "1"],
  ])("ends with the older one when two lead, the %s being the first to hear of it", (_, quick, slow) => {
    const tabs = [openTab(quick), openTab(slow)];
    // Messages are under way while both lead.
    const arrive = tabs.map((tab) => tab.freeze());
    pass(500);
    for (const { did } of tabs) expect(did).toEqual(["leads"]);
    for (const deliver of arrive) deliver();
    pass(60_000);
    const [older, younger] = quick === "1" ? tabs : tabs.toReversed();
    expect(older?.did.every((what) => what === "leads")).toBe(true);
    // Once more, since what the other led is lost.
    expect(older?.did.length).toBeGreaterThan(1);
    expect(younger?.did.at(-1)).toBe("follows");
    for (const tab of tabs) tab.leave();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("replaces a leader that does not answer for five seconds, by one of the others only", () => {
    const first = openTab("1");
    pass(500);
    const others = [openTab("2"), openTab("3"), openTab("4")];
    pass(10_000);
    first.freeze();
    pass(3000);
    expect(others.flatMap(({ did }) => did)).not.toContain("leads");
    pass(2500);
    expect(others.filter(({ did }) => did.at(-1) === "leads")).toHaveLength(1);
    for (const tab of [...others, first]) tab.leave();
  });

  it("leaves the lead to the one that has it, though an older one comes back", () => {
    const older = openTab("1");
    pass(500);
    const younger = openTab("2");
    const comeBack = older.hide();
    expect(older.did).toEqual(["leads", "follows"]);
    pass(500);
    expect(younger.did).toEqual(["follows", "leads"]);
    comeBack();
    pass(60_000);
    expect(older.did).toEqual(["leads", "follows", "follows"]);
    expect(younger.did).toEqual(["follows", "leads"]);
    younger.leave();
    pass(500);
    expect(older.did.at(-1)).toBe("leads");
    older.leave();
    expect(vi.getTimerCount()).toBe(0);
  });
});
