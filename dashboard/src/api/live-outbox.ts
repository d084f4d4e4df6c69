/**
 * What the tabs of a browser say to each other, and how it is sent. Measurements, of which a large fleet brings more than
 * a hundred a second, go in groups; everything else goes at once, after what was heard before it.
 */
import type { LiveEvent } from "./live-events";

export type Notice =
  | { kind: "event"; event: LiveEvent }
  | { kind: "events"; events: LiveEvent[] }
  | { kind: "open"; watched: string[] }
  | { kind: "broken"; retryIn: number }
  | { kind: "retry" }
  | { kind: "hello" }
  | { kind: "watch"; tab: string; commands: string[] };

const GROUP_MS = 100;

/** The way to send through `post`. A tab that leads no longer or leaves says so, and with that sends what waits. */
export function createOutbox(post: (notice: Notice) => void): (notice: Notice) => void {
  let group: LiveEvent[] = [];
  let sentAt = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function sendGroup(): void {
    clearTimeout(timer);
    timer = undefined;
    if (group.length === 0) return;
    const events = group;
    group = [];
    sentAt = Date.now();
    post({ kind: "events", events });
  }

  return (notice) => {
    if (notice.kind !== "event" || notice.event.type !== "agent_metrics") {
      sendGroup();
      post(notice);
      return;
    }
    group.push(notice.event);
    // Not left to the timer alone: a browser lets those of a hidden tab run late.
    if (Date.now() - sentAt >= GROUP_MS) sendGroup();
    else timer ??= setTimeout(sendGroup, GROUP_MS);
  };
}
