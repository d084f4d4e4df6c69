import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStaleMarks } from "./live-stale";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A list that somebody looks at and that takes `ms` to read; counts the readings begun and ended. */
function looked(client: QueryClient, ms: number) {
  const seen = { begun: 0, ended: 0 };
  const observer = new QueryObserver(client, {
    queryKey: ["command_list"],
    queryFn: async () => {
      seen.begun += 1;
      await new Promise((resolve) => setTimeout(resolve, ms));
      seen.ended += 1;
      return seen.ended;
    },
  });
  observer.subscribe(() => {});
  return seen;
}

describe("stale marks", () => {
  it("let a fetch that takes longer than a second end, under events that never cease", async () => {
    const client = new QueryClient();
    const marks = createStaleMarks(client);
    const seen = looked(client, 1500);
    for (let i = 0; i < 100; i += 1) {
      marks.mark("command_list");
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(seen.ended).toBeGreaterThanOrEqual(2);
    expect(seen.begun - seen.ended).toBeLessThanOrEqual(1);
  });

  it("read once more after a fetch that may have missed the change", async () => {
    const client = new QueryClient();
    const marks = createStaleMarks(client);
    const seen = looked(client, 3000);
    marks.mark("command_list");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(seen).toEqual({ begun: 2, ended: 2 });
  });

  it("let what is slow to read rest longer than it took", async () => {
    const client = new QueryClient();
    const marks = createStaleMarks(client);
    const seen = looked(client, 1000);
    for (let i = 0; i < 60; i += 1) {
      marks.mark("command_list");
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(seen.begun).toBeLessThanOrEqual(60 / 5 + 2);
  });

  it("ask for everything at once, but do not break off again and again who cannot keep up", async () => {
    const client = new QueryClient();
    const marks = createStaleMarks(client);
    const seen = looked(client, 2000);
    await vi.advanceTimersByTimeAsync(2000);
    for (let i = 0; i < 50; i += 1) {
      marks.markAll();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(seen.ended).toBeGreaterThanOrEqual(2);
  });
});
