import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { q, queryClient } from "@/api/client";
import type { LiveEvent } from "@/api/live-events";
import type { CommandDetail } from "@/api/types";
import { useOutput } from "./use-output";

const live = vi.hoisted(() => ({
  event: (_: LiveEvent): void => {},
  open: (_: string[]): void => {},
}));
vi.mock("@/api/live", () => ({
  onLiveEvent: (listener: (event: LiveEvent) => void) => {
    live.event = listener;
    return () => {};
  },
  onLiveOpen: (listener: (watched: string[]) => void) => {
    live.open = listener;
    return () => {};
  },
  watchCommand: () => () => {},
}));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  queryClient.clear();
});

const detail = (stdout: string) =>
  ({ id: "c", status: "running", stdout, stderr: "", stdout_kept_bytes: stdout.length, stderr_kept_bytes: 0 }) as never;
const say = (offset: number, text: string) =>
  act(async () =>
    live.event({
      type: "command_output",
      data: { command_id: "c", agent_id: "a", stream: "stdout", offset, data: btoa(text) },
    }),
  );
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

/** A server that has stored `text()` when it answers, `delay` after it was asked. */
function serve(text: () => string, delay: number) {
  const seen = { asked: 0, aborted: 0 };
  vi.stubGlobal("fetch", async (request: Request) => {
    seen.asked += 1;
    request.signal.addEventListener("abort", () => {
      seen.aborted += 1;
    });
    await new Promise((resolve) => setTimeout(resolve, delay));
    return new Response(JSON.stringify(detail(text())), { headers: { "content-type": "application/json" } });
  });
  return seen;
}

function Output() {
  const query = useQuery(q("command_get", { path: { id: "c" } }));
  const output = useOutput(query.data as CommandDetail | undefined, true);
  return <pre>{output.stdout}</pre>;
}

async function show() {
  const { unmount } = render(
    <QueryClientProvider client={queryClient}>
      <Output />
    </QueryClientProvider>,
  );
  await pass(1000);
  return unmount;
}
const shown = () => screen.getByText((_, element) => element?.tagName === "PRE").textContent;

describe("live output", () => {
  it("closes a gap by an answer that takes longer than the pieces that keep coming", async () => {
    let stored = "";
    const seen = serve(() => stored, 700);
    await show();
    stored = "0123456789";
    for (let offset = 5; offset < 25; offset += 1) {
      await say(offset, "x");
      await pass(100);
    }
    expect(shown()).toBe(`0123456789${"x".repeat(15)}`);
    expect(seen.aborted).toBe(0);
  });

  it("goes on trying while the gap is not stored yet, though nothing more is heard", async () => {
    let stored = "";
    serve(() => stored, 10);
    await show();
    await say(3, "two");
    await pass(3000);
    expect(shown()).toBe("");
    stored = "onetwo";
    await pass(2500);
    expect(shown()).toBe("onetwo");
    stored = "onetwothree";
    await pass(10_000);
    expect(shown()).toBe("onetwo");
  });

  it("is still there for who comes back while the server is away", async () => {
    serve(() => "", 10);
    const leave = await show();
    await say(0, "seen");
    await pass(200);
    leave();
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("no network")));
    await show();
    expect(shown()).toBe("seen");
  });

  it("is not shown to the next person", async () => {
    serve(() => "", 10);
    const leave = await show();
    await say(0, "seen");
    leave();
    queryClient.clear();
    await show();
    expect(shown()).toBe("");
  });

  it("finds what was announced before the watch and stored after the first answer", async () => {
    let stored = "";
    serve(() => stored, 10);
    await show();
    await act(async () => live.open(["c"]));
    await pass(100);
    stored = "early";
    await pass(1500);
    expect(shown()).toBe("early");
  });
});
