/**
 * The output of one command as it arrives. Every piece carries its byte offset in its stream: a piece that is already
 * there is dropped, one that overlaps is cut, one that starts too far ahead is a gap and waits for the next fetch.
 */
import type { OutputEvent } from "@/api/live-events";
import type { CommandDetail } from "@/api/types";
import { type LineTimes, type Piece, timed } from "./output-text";

export type StreamName = OutputEvent["stream"];
type Applied = "applied" | "duplicate" | "gap";

interface Stream {
  text: string;
  /** The offset of the byte that is expected next. */
  next: number;
  decoder: TextDecoder;
  waiting: { offset: number; bytes: Uint8Array; at: string | undefined }[];
}

const emptyStream = (text = "", next = 0): Stream => ({ text, next, decoder: new TextDecoder(), waiting: [] });

/** Beyond this the waiting pieces are worth less than a new fetch. */
const MAX_WAITING = 2000;

type Loaded = Pick<CommandDetail, "stdout" | "stderr" | "stdout_kept_bytes" | "stderr_kept_bytes"> &
  Partial<Pick<CommandDetail, "stdout_times" | "stderr_times">>;

export class OutputBuffer {
  private streams: Record<StreamName, Stream> = { stdout: emptyStream(), stderr: emptyStream() };
  private order: Piece[] = [];

  get stdout(): string {
    return this.streams.stdout.text;
  }

  get stderr(): string {
    return this.streams.stderr.text;
  }

  /** Both in the order in which they came, as far as that is known: what was fetched comes one stream after the other. Each with its time. */
  get pieces(): readonly Piece[] {
    return this.order;
  }

  get hasGap(): boolean {
    return this.streams.stdout.waiting.length > 0 || this.streams.stderr.waiting.length > 0;
  }

  /** Takes what the server had when asked, then what came live and reaches beyond it. */
  load(detail: Loaded): void {
    // The bytes of exactly this text. How many the command wrote in all is counted at another moment.
    this.loadStream("stdout", detail.stdout, detail.stdout_kept_bytes, detail.stdout_times);
    this.loadStream("stderr", detail.stderr, detail.stderr_kept_bytes, detail.stderr_times);
  }

  apply(event: OutputEvent): Applied {
    return this.push(event.stream, event.offset, decodeBase64(event.data), event.recorded_at);
  }

  private loadStream(name: StreamName, text: string, bytes: number, times: LineTimes | undefined): void {
    const before = this.streams[name];
    // An answer that is older than what has come live must not take anything back.
    if (bytes < before.next) return;
    const after = bytes === before.next && before.text !== "" ? before : emptyStream(text, bytes);
    if (after.text.startsWith(before.text)) {
      for (const piece of timed(name, after.text, times, before.text.length)) this.add(piece);
    } else {
      const anew = timed(name, after.text, times);
      const others = this.order.filter((piece) => piece.stream !== name);
      this.order = name === "stdout" ? [...anew, ...others] : [...others, ...anew];
    }
    const waiting = before.waiting;
    after.waiting = [];
    this.streams[name] = after;
    for (const piece of waiting.sort((a, b) => a.offset - b.offset)) {
      this.push(name, piece.offset, piece.bytes, piece.at);
    }
  }

  private add(piece: Piece): void {
    const last = this.order.at(-1);
    if (piece.text === "") return;
    if (last?.stream === piece.stream && last.at === piece.at) last.text += piece.text;
    else this.order.push(piece);
  }

  private push(name: StreamName, offset: number, bytes: Uint8Array, at: string | undefined): Applied {
    const stream = this.streams[name];
    const end = offset + bytes.length;
    if (end <= stream.next) return "duplicate";
    if (offset > stream.next) {
      if (stream.waiting.length < MAX_WAITING) stream.waiting.push({ offset, bytes, at });
      return "gap";
    }
    const text = stream.decoder.decode(bytes.subarray(stream.next - offset), { stream: true });
    stream.text += text;
    this.add({ stream: name, text, at });
    stream.next = end;
    return "applied";
  }
}

function decodeBase64(data: string): Uint8Array {
  const binary = atob(data);
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
