/**
 * The connection of the leading tab to `/api/events`. A change of the watched commands opens a second stream and
 * closes the first only when the second is open, so nothing is missed between them; what comes twice is harmless.
 * After a broken connection it waits (1 s, doubling to 30 s, with jitter) and then asks for a resync.
 */
import { LIVE_TYPES, type LiveEvent, parseLiveEvent } from "./live-events";

export interface StreamCallbacks {
  event: (event: LiveEvent) => void;
  /** The stream is open and watches exactly these commands. */
  open: (watched: string[]) => void;
  broken: () => void;
}

export interface LiveStream {
  watch: (commands: string[]) => void;
  close: () => void;
}

const MAX_WATCHED = 20;

export function openLiveStream(callbacks: StreamCallbacks, create = (url: string) => new EventSource(url)): LiveStream {
  let watched: string[] = [];
  let current: EventSource | undefined;
  let pending: EventSource | undefined;
  let failures = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function connect(): void {
    clearTimeout(retry);
    pending?.close();
    const names = watched;
    const params = names.map((id) => `watch_command=${encodeURIComponent(id)}`).join("&");
    const source = create(`/api/events${params ? `?${params}` : ""}`);
    pending = source;
    source.onopen = () => {
      if (closed || pending !== source) return;
      const wasBroken = current === undefined && failures > 0;
      current?.close();
      current = source;
      pending = undefined;
      failures = 0;
      if (wasBroken) callbacks.event({ type: "resync", data: {} });
      callbacks.open(names);
    };
    source.onerror = () => fail(source);
    for (const type of LIVE_TYPES) {
      source.addEventListener(type, (message) => {
        const event = parseLiveEvent(type, (message as MessageEvent<string>).data);
        if (event && !closed) callbacks.event(event);
      });
    }
  }

  function fail(source: EventSource): void {
    source.close();
    if (closed || (source !== current && source !== pending)) return;
    if (source === current) current = undefined;
    if (source === pending) pending = undefined;
    if (pending) return;
    failures += 1;
    callbacks.broken();
    const delay = Math.min(30_000, 1000 * 2 ** (failures - 1));
    retry = setTimeout(connect, delay * (0.5 + Math.random() / 2));
  }

  connect();
  return {
    watch: (commands) => {
      const next = [...new Set(commands)].sort().slice(-MAX_WATCHED);
      if (next.join() === watched.join()) {
        if (current) callbacks.open(watched);
        return;
      }
      watched = next;
      connect();
    },
    close: () => {
      closed = true;
      clearTimeout(retry);
      pending?.close();
      current?.close();
    },
  };
}
