/**
 * The output of one command as it arrives. Every piece carries its byte offset in its stream: a piece that is already
 * there is dropped, one that overlaps is cut, one that starts too far ahead is a gap and waits for the next fetch.
 */
import type { OutputEvent } from "@/api/live-events";
import type { CommandDetail } from "@/api/types";
import type { Piece } from "./output-text";

export type StreamName = OutputEvent["stream"];
type Applied = "applied" | "duplicate" | "gap";

interface Stream {
  text: string;
  /** The offset of the byte that is expected next. */
  next: number;
  decoder: TextDecoder;
  waiting: { offset: number; bytes: Uint8Array }[];
}

const emptyStream = (text = "", next = 0): Stream => ({ text, next, decoder: new TextDecoder(), waiting: [] });

/** Beyond this the waiting pieces are worth less than a new fetch. */
const MAX_WAITING = 2000;

export class OutputBuffer {
  private streams: Record<StreamName, Stream> = { stdout: emptyStream(), stderr: emptyStream() };
  private order: Piece[] = [];

  get stdout(): string {
    return this.streams.stdout.text;
  }

  get stderr(): string {
    return this.streams.stderr.text;
  }

  /** Both in the order in which they came, as far as that is known: what was fetched comes one stream after the other. */
  get pieces(): readonly Piece[] {
    return this.order;
  }

  get hasGap(): boolean {
    return this.streams.stdout.waiting.length > 0 || this.streams.stderr.waiting.length > 0;
  }

  /** Takes what the server had when asked, then what came live and reaches beyond it. */
  load(detail: Pick<CommandDetail, "stdout" | "stderr" | "stdout_kept_bytes" | "stderr_kept_bytes">): void {
    // The bytes of exactly this text. How many the command wrote in all is counted at another moment.
    this.loadStream("stdout", detail.stdout, detail.stdout_kept_bytes);
    this.loadStream("stderr", detail.stderr, detail.stderr_kept_bytes);
  }

  apply(event: OutputEvent): Applied {
    return this.push(event.stream, event.offset, decodeBase64(event.data));
  }

  private loadStream(name: StreamName, text: string, bytes: number): void {
    const before = this.streams[name];
    // An answer that is older than what has come live must not take anything back.
    if (bytes < before.next) return;
    const after = bytes === before.next && before.text !== "" ? before : emptyStream(text, bytes);
    const isContinued = after.text.startsWith(before.text);
    if (isContinued) this.add(name, after.text.slice(before.text.length));
    const waiting = before.waiting;
    after.waiting = [];
    this.streams[name] = after;
    for (const piece of waiting.sort((a, b) => a.offset - b.offset)) this.push(name, piece.offset, piece.bytes);
    if (!isContinued) {
      this.order = [];
      for (const stream of ["stdout", "stderr"] as const) this.add(stream, this.streams[stream].text);
    }
  }

  private add(stream: StreamName, text: string): void {
    const last = this.order.at(-1);
    if (text === "") return;
    if (last?.stream === stream) last.text += text;
    else this.order.push({ stream, text });
  }

  private push(name: StreamName, offset: number, bytes: Uint8Array): Applied {
    const stream = this.streams[name];
    const end = offset + bytes.length;
    if (end <= stream.next) return "duplicate";
    if (offset > stream.next) {
      if (stream.waiting.length < MAX_WAITING) stream.waiting.push({ offset, bytes });
      return "gap";
    }
    const text = stream.decoder.decode(bytes.subarray(stream.next - offset), { stream: true });
    stream.text += text;
    this.add(name, text);
    stream.next = end;
    return "applied";
  }
}

function decodeBase64(data: string): Uint8Array {
  const binary = atob(data);
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
