/** Both streams of a command as pieces in the order in which they came, and what is made of them. */
import { formatDate } from "@/lib/format";
import { AnsiText, type Block, type Source } from "./ansi";

export interface Piece {
  stream: Source;
  text: string;
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
  for (const { stream, text } of added ?? pieces) ansi.write(text, stream);
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
    } else if (known.stream !== piece.stream) {
      return undefined;
    } else if (known.text !== piece.text) {
      if (index < before.length - 1 || !piece.text.startsWith(known.text)) return undefined;
      added.push({ stream: piece.stream, text: piece.text.slice(known.text.length) });
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

/** `web-1-2026-03-01-140509.txt`: whose output it is and when the command was asked for. */
export function outputFileName(machine: string, createdAt: string): string {
  const at = new Date(createdAt);
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join("");
  const name = machine.replaceAll(/[^\p{L}\p{N}._-]+/gu, "_").replace(/^[._]+/, "") || "machine";
  return `${name}-${formatDate(createdAt)}-${time}.txt`;
}
