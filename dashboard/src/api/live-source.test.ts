import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveSource } from "./live-source";
import { openLiveStream } from "./live-stream";

const bytes = (text: string) => new TextEncoder().encode(text);

/** The body of an answer: these pieces, each read by itself. */
function bodyOf(pieces: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const left = pieces[Symbol.iterator]();
  return new ReadableStream({
    pull: (body) => {
      const { done, value } = left.next();
      if (done) body.close();
      else body.enqueue(value);
    },
  });
}

const eventStream = (body: ReadableStream<Uint8Array>) =>
  new Response(body, { headers: { "content-type": "text/event-stream" } });

/** A source that gets this answer, and what it tells. */
function listen(answer: () => Response | Promise<Response>) {
  const fetched = vi.fn(async (_url: string, _init: RequestInit) => answer());
  vi.stubGlobal("fetch", fetched);
  const source = new LiveSource("/api/events");
  const told: string[] = [];
  source.onopen = () => told.push("open");
  source.onevent = (type, data) => told.push(`${type}: ${data}`);
  const ended = new Promise<void>((resolve) => {
    source.onerror = () => {
      told.push("error");
      resolve();
    };
  });
  return { source, told, ended, fetched };
}

async function allOf(pieces: Iterable<Uint8Array>): Promise<string[]> {
  const { told, ended } = listen(() => eventStream(bodyOf(pieces)));
  await ended;
  return told;
}

/** All that happens without waiting for anything outside. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("a live source", () => {
  it("asks as our own pages do", async () => {
    const { ended, fetched } = listen(() => eventStream(bodyOf([])));
    await ended;
    expect(fetched).toHaveBeenCalledExactlyOnceWith("/api/events", {
      headers: { accept: "text/event-stream", "X-GuruRMM": "1" },
      credentials: "same-origin",
      cache: "no-store",
      signal: expect.any(AbortSignal),
    });
  });

  it.each([
    ["event: a\ndata: {}\n\n", ["a: {}"]],
    ["data:one\ndata: two\ndata:  three\ndata\n\n", ["message: one\ntwo\n three\n"]],
    ["event: a\n\ndata: x\n\n", ["message: x"]],
    ["event: a\nevent: b\ndata:\n\n", ["b: "]],
    [": a comment: of the server\n\n:\nid: 7\nretry: 9\nunknown: x\ndata: x: y\n\n", ["message: x: y"]],
    ["\n\n\n", []],
    ["data: one\n\ndata: not complete\n", ["message: one"]],
    ["\uFEFFdata: x\n\n", ["message: x"]],
  ])("understands %j", async (text, events) => {
    expect(await allOf([bytes(text)])).toEqual(["open", ...events, "error"]);
    expect(await allOf([bytes(text.replaceAll("\n", "\r\n"))])).toEqual(["open", ...events, "error"]);
  });

  it("reads the same wherever its pieces begin", async () => {
    const text = ": listening\n\nevent: größe\r\ndata: {€}\r\ndata: 🦊\r\n\r\ndata: end\n\n";
    const whole = bytes(text);
    const events = ["open", "größe: {€}\n🦊", "message: end", "error"];
    for (let at = 0; at <= whole.length; at += 1) {
      expect(await allOf([whole.slice(0, at), whole.slice(at)]), `split at ${at}`).toEqual(events);
    }
    expect(await allOf([...whole].map((byte) => Uint8Array.of(byte)))).toEqual(events);
  });

  it("tells an event as soon as it is complete", async () => {
    let body: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        body = controller;
      },
    });
    const { source, told } = listen(() => eventStream(stream));
    await settle();
    expect(told).toEqual(["open"]);
    body?.enqueue(bytes("data: 1\n\ndata: 2\n"));
    await settle();
    expect(told).toEqual(["open", "message: 1"]);
    body?.enqueue(bytes("\n"));
    await settle();
    expect(told).toEqual(["open", "message: 1", "message: 2"]);
    source.close();
  });

  it.each([
    ["a refusal", () => new Response("{}", { status: 401, headers: { "content-type": "application/problem+json" } })],
    [
      "a fault that claims to be a stream",
      () => new Response("", { status: 503, headers: { "content-type": "text/event-stream" } }),
    ],
    ["a page", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["another kind of stream", () => new Response("{}", { headers: { "content-type": "text/event-stream-2" } })],
    ["no body", () => new Response(null, { headers: { "content-type": "text/event-stream" } })],
    ["no answer", () => Promise.reject(new TypeError("network"))],
  ])("is not opened by %s", async (_, answer) => {
    const { told, ended, fetched } = listen(answer);
    await ended;
    await settle();
    expect(told).toEqual(["error"]);
    expect(fetched.mock.calls[0]?.[1].signal?.aborted).toBe(true);
  });

  it("takes a content type with parameters", async () => {
    const headers = { "content-type": "Text/Event-Stream; charset=utf-8" };
    const { told, ended } = listen(() => new Response(bodyOf([]), { headers }));
    await ended;
    expect(told).toEqual(["open", "error"]);
  });

  it("tells of a connection that breaks", async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new TypeError("network")),
    });
    const { told, ended } = listen(() => eventStream(body));
    await ended;
    expect(told).toEqual(["open", "error"]);
  });

  it("takes an event of a mebibyte and none that is larger, however it comes", async () => {
    const size = 1024 * 1024;
    const ofSize = (count: number) => bytes(`data: ${"x".repeat(count - 6)}\n\n`);
    function* small(text: Uint8Array) {
      for (let at = 0; at < text.length; at += 64) yield text.subarray(at, at + 64);
    }
    for (const pieces of [(text: Uint8Array) => [text], small]) {
      const told = await allOf(pieces(ofSize(size)));
      expect(told.map(({ length }) => length)).toEqual([4, "message: ".length + size - 6, 5]);
      expect(await allOf(pieces(ofSize(size + 1)))).toEqual(["open", "error"]);
    }
    const lines = bytes(`data: ${"x".repeat(1000)}\n`.repeat(2000));
    expect(await allOf([lines, bytes("\n")])).toEqual(["open", "error"]);
    const endless = listen(() =>
      eventStream(new ReadableStream({ pull: (body) => body.enqueue(new Uint8Array(65_536).fill(120)) })),
    );
    await endless.ended;
    expect(endless.fetched.mock.calls[0]?.[1].signal?.aborted).toBe(true);
  });

  it("is not ended by a listener that throws", async () => {
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    const { source, told, ended } = listen(() => eventStream(bodyOf([bytes("data: 1\n\ndata: 2\n\n")])));
    source.onevent = (_, data) => {
      if (data === "1") throw new Error("of the listener");
      told.push(data);
    };
    await ended;
    expect(told).toEqual(["open", "2", "error"]);
    expect(report).toHaveBeenCalledExactlyOnceWith(new Error("of the listener"));
  });
});

describe("a live source that is closed", () => {
  it("says nothing more, whether it was open or not", async () => {
    let answered = () => {};
    const answer = new Promise<Response>((resolve) => {
      answered = () => resolve(eventStream(bodyOf([bytes("data: x\n\n")])));
    });
    const { source, told, fetched } = listen(() => answer);
    source.close();
    answered();
    await settle();
    expect(told).toEqual([]);
    expect(fetched.mock.calls[0]?.[1].signal?.aborted).toBe(true);
  });

  it("keeps even those events to itself that have come already", async () => {
    const { source, told } = listen(() => eventStream(bodyOf([bytes("data: 1\n\ndata: 2\n\n"), bytes("data: 3\n\n")])));
    source.onevent = (_, data) => {
      told.push(data);
      source.close();
    };
    await settle();
    expect(told).toEqual(["open", "1"]);
  });
});

describe("the live stream over such sources", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const callbacks = () => ({ event: vi.fn(), open: vi.fn(), broken: vi.fn() });

  it("tells at every attempt that the server refuses, so that somebody asks whether the session has ended", async () => {
    const fetched = vi.fn(async () => new Response("{}", { status: 401 }));
    vi.stubGlobal("fetch", fetched);
    const { open, broken, event } = callbacks();
    const stream = openLiveStream({ open, broken, event });
    await vi.advanceTimersByTimeAsync(0);
    expect(broken).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(broken).toHaveBeenCalledTimes(2);
    expect(fetched).toHaveBeenCalledTimes(2);
    expect(open).not.toHaveBeenCalled();
    stream.close();
  });

  it("reads what the server writes, and connects anew when it ends", async () => {
    const changed = { command_id: "c", agent_id: "a", status: "running" };
    const text = `: listening\n\nevent: ping\ndata: {}\n\nevent: command_changed\ndata: ${JSON.stringify(changed)}\n\n`;
    const fetched = vi.fn(async (_url: string) => eventStream(bodyOf([bytes(text)])));
    vi.stubGlobal("fetch", fetched);
    const { open, broken, event } = callbacks();
    const stream = openLiveStream({ open, broken, event });
    await vi.advanceTimersByTimeAsync(0);
    expect(open).toHaveBeenCalledExactlyOnceWith([]);
    expect(event.mock.calls).toEqual([[{ type: "command_changed", data: changed }]]);
    expect(broken).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(event.mock.calls[1]).toEqual([{ type: "resync", data: {} }]);
    expect(fetched.mock.calls.map(([url]) => url)).toEqual(["/api/events", "/api/events"]);
    stream.close();
  });
});
