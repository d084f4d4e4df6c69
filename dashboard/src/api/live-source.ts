/**
 * One connection to a stream of server-sent events. It is read with `fetch`, since the browser's `EventSource` cannot send
 * the header of our pages. It never connects again by itself.
 */
import { OUR_PAGES } from "./our-pages";

const EVENT_STREAM = "text/event-stream";
/** In characters; what the server sends is far smaller. */
const MAX_EVENT = 1024 * 1024;

export class LiveSource {
  onopen: () => void = () => {};
  onevent: (type: string, data: string) => void = () => {};
  /** It did not open or is over, for whatever reason; nothing is told after that. */
  onerror: () => void = () => {};
  private readonly ending = new AbortController();

  constructor(url: string) {
    void this.run(url);
  }

  /** Nothing is told from now on. */
  close(): void {
    this.ending.abort();
  }

  private async run(url: string): Promise<void> {
    try {
      const body = await openBody(url, this.ending.signal);
      this.tell(() => this.onopen());
      await this.read(body);
    } catch {
      // Refused, broken off or not understood: to the listener it is the same as the end.
    }
    this.tell(() => this.onerror());
    this.close();
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const parser = new EventParser((type, data) => this.tell(() => this.onevent(type, data)));
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      parser.push(decoder.decode(piece.value, { stream: true }));
    }
  }

  /** A listener that throws does not end the stream. */
  private tell(listener: () => void): void {
    if (this.ending.signal.aborted) return;
    try {
      listener();
    } catch (error) {
      reportError(error);
    }
  }
}

async function openBody(url: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const answer = await fetch(url, {
    headers: { accept: EVENT_STREAM, ...OUR_PAGES },
    credentials: "same-origin",
    cache: "no-store",
    signal,
  });
  if (answer.status !== 200 || !isEventStream(answer) || !answer.body) throw new Error("not a stream of events");
  return answer.body;
}

const isEventStream = (answer: Response): boolean =>
  answer.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() === EVENT_STREAM;

/** Finds the events in a text that comes in pieces. What is no field of ours (`id`, `retry`, a comment) is skipped. */
class EventParser {
  /** The line that has begun: grown without being looked at, and read once it is complete. */
  private line = "";
  private type = "";
  private data: string | undefined;

  constructor(private readonly tell: (type: string, data: string) => void) {}

  push(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.grow(text.slice(start, end));
      this.endLine();
      start = end + 1;
    }
    this.grow(text.slice(start));
  }

  private grow(text: string): void {
    this.line += text;
    if (this.line.length + (this.data?.length ?? 0) > MAX_EVENT) throw new Error("an event is too large");
  }

  private endLine(): void {
    const line = this.line.endsWith("\r") ? this.line.slice(0, -1) : this.line;
    this.line = "";
    if (line === "") this.endEvent();
    else this.takeField(line);
  }

  private takeField(line: string): void {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") this.type = value;
    if (field === "data") this.data = this.data === undefined ? value : `${this.data}\n${value}`;
  }

  /** Without data it was no event. */
  private endEvent(): void {
    const { type, data } = this;
    this.type = "";
    this.data = undefined;
    if (data !== undefined) this.tell(type || "message", data);
  }
}
