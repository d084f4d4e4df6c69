/** Both streams of a command as pieces in the order in which they came, and what is made of them. */
import type { CommandDetail } from "@/api/types";
import { formatDate } from "@/lib/format";
import { AnsiText, type Block, type Source } from "./ansi";

export interface Piece {
  stream: Source;
  text: string;
  /** When it was written: lines that begin in it have that time. */
  at?: string | undefined;
}

export type LineTimes = CommandDetail["stdout_times"];

/** A text in pieces of one time each, from its character `from` on. */
export function timed(stream: Source, text: string, times: LineTimes = [], from = 0): Piece[] {
  const pieces: Piece[] = [];
  let begin = from;
  let at: string | undefined;
  const cut = (end: number) => {
    if (end <= begin) return;
    pieces.push({ stream, text: text.slice(begin, end), at });
    begin = end;
  };
  let line = 0;
  let start = 0;
  for (const time of times) {
    while (line < time.line) {
      const feed = text.indexOf("\n", start);
      if (feed < 0) break;
      start = feed + 1;
      line += 1;
    }
    if (line < time.line) break;
    cut(start);
    at = time.at;
  }
  cut(text.length);
  return pieces;
}

/** What was read so far, so that what comes next is read alone. */
export interface Reading {
  ansi: AnsiText;
  pieces: Piece[];
  blocks: Block[];
}

/** Reads on where `before` ended. What does not continue it is read anew; what adds nothing is `before` itself. */
export function readOn(before: Reading | undefined, pieces: readonly Piece[]): Reading {
  const added = before && continuing(before.pieces, pieces);
  if (before && added?.length === 0) return before;
  const ansi = before && added ? before.ansi : new AnsiText();
  for (const { stream, text, at } of added ?? pieces) ansi.write(text, stream, at);
  return { ansi, pieces: pieces.map((piece) => ({ ...piece })), blocks: ansi.blocks() };
}

/** What came after `before`, unless something in it is another. Only its last piece may have grown. */
function continuing(before: readonly Piece[], after: readonly Piece[]): Piece[] | undefined {
  if (after.length < before.length) return undefined;
  const added: Piece[] = [];
  for (const [index, piece] of after.entries()) {
    const known = before[index];
    if (!known) {
      added.push(piece);
    } else if (known.stream !== piece.stream || known.at !== piece.at) {
      return undefined;
    } else if (known.text !== piece.text) {
      if (index < before.length - 1 || !piece.text.startsWith(known.text)) return undefined;
      added.push({ ...piece, text: piece.text.slice(known.text.length) });
    }
  }
  return added;
}

/** What can be read of them, without colours. */
export function plainText(pieces: readonly Piece[]): string {
  return readOn(undefined, pieces).ansi.text();
}

/** One after the other, with a heading where there are two. */
export function bothTexts(stdout: string, stderr: string): string {
  const output = plainText([{ stream: "stdout", text: stdout }]);
  const errors = plainText([{ stream: "stderr", text: stderr }]);
  if (errors === "") return output;
  return output === "" ? errors : `Output:\n${output}${output.endsWith("\n") ? "" : "\n"}\nErrors:\n${errors}`;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** `14:05:09.250`, by the reader's clock. */
export function clockTime(at: string): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return "";
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return `${parts}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

/** `web-1-2026-03-01-140509.txt`: whose output it is and when the command was asked for. */
export function outputFileName(machine: string, createdAt: string): string {
  const at = new Date(createdAt);
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join("");
  const name = machine.replaceAll(/[^\p{L}\p{N}._-]+/gu, "_").replace(/^[._]+/, "") || "machine";
  return `${name}-${formatDate(createdAt)}-${time}.txt`;
}
