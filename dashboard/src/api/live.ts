/**
 * One live stream for all tabs of a browser. One tab leads: it keeps the stream and repeats every event on a broadcast
 * channel. It leads as long as it holds the web lock; where there are none, the tabs elect it. When it closes, another
 * leads, and every tab refetches once the new stream is open.
 */
import { createStore } from "@/lib/store";
import type { LiveEvent } from "./live-events";
import { electLeader } from "./live-leader";
import { type LiveStream, openLiveStream } from "./live-stream";

const GROUP_MS = 100;

export type LiveState = "connecting" | "open" | "broken";

type Notice =
  | { kind: "events"; events: LiveEvent[] }
  | { kind: "open"; watched: string[] }
  | { kind: "broken"; retryIn: number }
  | { kind: "retry" }
  | { kind: "hello" }
  | { kind: "watch"; tab: string; commands: string[] };

export const liveState = createStore<LiveState>("connecting");

type EventListener = (event: LiveEvent) => void;
type OpenListener = (watched: string[]) => void;
type BrokenListener = () => void;

const eventListeners = new Set<EventListener>();
const openListeners = new Set<OpenListener>();
const brokenListeners = new Set<BrokenListener>();
const ownWatches = new Map<string, number>();
/** Sorts by age. */
const tab = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
/** What the other tabs watch; used only by the leader. */
const otherWatches = new Map<string, string[]>();

let channel: BroadcastChannel | undefined;
let stream: LiveStream | undefined;
let stop: (() => void) | undefined;
let nextRetry: ReturnType<typeof setTimeout> | undefined;
/** Measurements that the other tabs have not been told yet. */
let untold: LiveEvent[] = [];
let untoldSince = 0;
let telling: ReturnType<typeof setTimeout> | undefined;
/** The leader has changed since the last resync: this tab may have missed events. */
let isLost = false;

export function onLiveEvent(listener: EventListener): () => void {
  eventListeners.add(listener);
  return () => eventListeners.delete(listener);
}

/**
 * Tells each time the stream is open, with the commands it watches: whatever is announced from then on is heard. What was
 * announced a moment before may not be stored yet.
 */
export function onLiveOpen(listener: OpenListener): () => void {
  openListeners.add(listener);
  return () => openListeners.delete(listener);
}

/** Tells of every attempt that has failed, not only of the first. */
export function onLiveBroken(listener: BrokenListener): () => void {
  brokenListeners.add(listener);
  return () => brokenListeners.delete(listener);
}

export function watchCommand(id: string): () => void {
  ownWatches.set(id, (ownWatches.get(id) ?? 0) + 1);
  announceWatches();
  return () => {
    const left = (ownWatches.get(id) ?? 1) - 1;
    if (left > 0) ownWatches.set(id, left);
    else ownWatches.delete(id);
    announceWatches();
  };
}

function announceWatches(): void {
  const commands = [...ownWatches.keys()];
  if (stream) stream.watch([...commands, ...[...otherWatches.values()].flat()]);
  else channel?.postMessage({ kind: "watch", tab, commands } satisfies Notice);
}

function hear(event: LiveEvent): void {
  if (event.type === "resync") isLost = false;
  for (const listener of eventListeners) listener(event);
}

function receive(notice: Notice): void {
  if (notice.kind === "events") for (const event of notice.events) hear(event);
  if (notice.kind === "open") {
    clearTimeout(nextRetry);
    liveState.set("open");
    if (isLost) hear({ type: "resync", data: {} });
    for (const listener of openListeners) listener(notice.watched);
  }
  if (notice.kind === "broken") {
    liveState.set("broken");
    for (const listener of brokenListeners) listener();
    remindLeader(notice.retryIn);
  }
  if (notice.kind === "retry") stream?.retry();
  if (notice.kind === "hello") {
    noteChange();
    announceWatches();
  }
  if (notice.kind === "watch" && stream) {
    if (notice.commands.length > 0) otherWatches.set(notice.tab, notice.commands);
    else otherWatches.delete(notice.tab);
    announceWatches();
  }
}

/** A browser lets the timers of a hidden tab run late: the tab that is looked at reminds the leader in time. */
function remindLeader(delay: number): void {
  clearTimeout(nextRetry);
  nextRetry = undefined;
  if (stream || document.hidden) return;
  nextRetry = setTimeout(() => channel?.postMessage({ kind: "retry" } satisfies Notice), delay);
}

/** Whoever comes back to a tab wants to see how things are, and not when the next attempt is due. */
function retryWhenSeen(): void {
  if (document.hidden || liveState.get() !== "broken") return;
  if (stream) stream.retry();
  else channel?.postMessage({ kind: "retry" } satisfies Notice);
}

function tellAll(notice: Notice): void {
  receive(notice);
  repeatMetrics();
  channel?.postMessage(notice);
}

/** Measurements, of which a fleet brings hundreds a second, are repeated to the other tabs in groups. */
function tellMetrics(event: LiveEvent): void {
  hear(event);
  if (untold.length === 0) untoldSince = performance.now();
  untold.push(event);
  // the timer of a hidden tab comes late
  if (performance.now() - untoldSince >= GROUP_MS) repeatMetrics();
  else telling ??= setTimeout(repeatMetrics, GROUP_MS);
}

/** Whatever else is told comes after the measurements that came before it. */
function repeatMetrics(): void {
  clearTimeout(telling);
  telling = undefined;
  if (untold.length > 0) channel?.postMessage({ kind: "events", events: untold } satisfies Notice);
  untold = [];
}

/** Another leads from now on. A tab that has not heard any leader yet has just read everything. */
function noteChange(): void {
  if (liveState.get() !== "connecting") isLost = true;
}

function lead(): void {
  noteChange();
  stream?.close();
  stream = openLiveStream({
    event: (event) =>
      event.type === "agent_metrics" ? tellMetrics(event) : tellAll({ kind: "events", events: [event] }),
    open: (watched) => tellAll({ kind: "open", watched }),
    broken: (retryIn) => tellAll({ kind: "broken", retryIn }),
  });
  announceWatches();
  channel?.postMessage({ kind: "hello" } satisfies Notice);
}

function follow(): void {
  repeatMetrics();
  noteChange();
  stream?.close();
  stream = undefined;
  otherWatches.clear();
  announceWatches();
}

/** Leads as soon as no other tab holds the lock; returns the way to give it back. */
function leadUnderLock(): () => void {
  const leave = new AbortController();
  navigator.locks
    .request("gururmm-live-2", { signal: leave.signal }, async () => {
      if (leave.signal.aborted) return;
      lead();
      await new Promise<void>((resolve) => leave.signal.addEventListener("abort", () => resolve()));
    })
    .catch(() => {
      // Left before this tab ever led.
    });
  announceWatches();
  return () => leave.abort();
}

/** Starts taking part; returns the way to leave. */
export function startLive(): () => void {
  if (stop) return stop;
  channel = new BroadcastChannel("gururmm-live-2");
  channel.onmessage = (message: MessageEvent<Notice>) => receive(message.data);
  const resign = navigator.locks ? leadUnderLock() : electLeader(tab, lead, follow);
  // A tab that goes away must not keep the leader watching for it.
  const bye = () => channel?.postMessage({ kind: "watch", tab, commands: [] } satisfies Notice);
  window.addEventListener("pagehide", bye);
  document.addEventListener("visibilitychange", retryWhenSeen);
  stop = () => {
    repeatMetrics();
    bye();
    window.removeEventListener("pagehide", bye);
    document.removeEventListener("visibilitychange", retryWhenSeen);
    clearTimeout(nextRetry);
    resign();
    stream?.close();
    stream = undefined;
    isLost = false;
    otherWatches.clear();
    channel?.close();
    channel = undefined;
    liveState.set("connecting");
    stop = undefined;
  };
  return stop;
}
