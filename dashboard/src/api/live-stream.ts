/**
 * The connection of the leading tab to `/api/events`. A change of the watched commands opens a second stream and
 * closes the first only when the second is open, so nothing is missed between them; what comes twice is harmless.
 * A stream that is silent for longer than the server's pings allow is dead, though no error was told. After a broken
 * connection it waits (1 s, doubling to 30 s, with jitter); once open again it asks for a resync.
 */
import { type LiveEvent, parseLiveEvent } from "./live-events";
import { LiveSource } from "./live-source";

export interface StreamCallbacks {
  event: (event: LiveEvent) => void;
  /** The stream is open and watches exactly these commands. */
  open: (watched: string[]) => void;
  /** An attempt has failed or the connection is lost; the next attempt follows by itself after so many milliseconds. */
  broken: (retryIn: number) => void;
}

export interface LiveStream {
  watch: (commands: string[]) => void;
  /** Tries now instead of after the pause, if it is in one. */
  retry: () => void;
  close: () => void;
}

const MAX_WATCHED = 20;
/** The server breaks every silence after 15 s; this leaves room for one that is late. */
const SILENCE_MS = 40_000;
const CHECK_MS = 5_000;

export function openLiveStream(callbacks: StreamCallbacks): LiveStream {
  let watched: string[] = [];
  let current: LiveSource | undefined;
  let pending: LiveSource | undefined;
  let failures = 0;
  /** Events may have been missed since the last resync. */
  let isLost = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  const heardAt = new WeakMap<LiveSource, number>();

  function connect(): void {
    clearTimeout(retry);
    retry = undefined;
    pending?.close();
    const names = watched;
    const params = names.map((id) => `watch_command=${encodeURIComponent(id)}`).join("&");
    const source = new LiveSource(`/api/events${params ? `?${params}` : ""}`);
    pending = source;
    const heard = () => heardAt.set(source, Date.now());
    heard();
    source.onopen = () => {
      heard();
      if (closed || pending !== source) return;
      current?.close();
      current = source;
      pending = undefined;
      failures = 0;
      if (isLost) callbacks.event({ type: "resync", data: {} });
      isLost = false;
      callbacks.open(names);
    };
    source.onerror = () => fail(source);
    source.onevent = (type, data) => {
      heard();
      const event = parseLiveEvent(type, data);
      if (event && !closed) callbacks.event(event);
    };
  }

  function fail(source: LiveSource): void {
    source.close();
    if (closed || (source !== current && source !== pending)) return;
    if (source === current) current = undefined;
    if (source === pending) pending = undefined;
    if (!current) isLost = true;
    // With the other still open or opening there is nothing to repair, unless it fails too.
    if (pending) return;
    failures += 1;
    const delay = Math.min(30_000, 1000 * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
    clearTimeout(retry);
    retry = setTimeout(connect, delay);
    if (!current) callbacks.broken(delay);
  }

  connect();
  const watchdog = setInterval(() => {
    for (const source of [current, pending]) {
      if (source && Date.now() - (heardAt.get(source) ?? 0) > SILENCE_MS) fail(source);
    }
  }, CHECK_MS);
  return {
    watch: (commands) => {
      const next = [...new Set(commands)].sort().slice(-MAX_WATCHED);
      if (next.join() === watched.join()) {
        if (current && !pending) callbacks.open(watched);
        return;
      }
      watched = next;
      connect();
    },
    retry: () => {
      if (!closed && retry !== undefined) connect();
    },
    close: () => {
      closed = true;
      clearTimeout(retry);
      clearInterval(watchdog);
      pending?.close();
      current?.close();
    },
  };
}
