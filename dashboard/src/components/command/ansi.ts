/**
 * What a program wrote for a terminal, as text with colours: SGR is understood, a carriage return and a backspace go back
 * in the line, every other sequence is left out. Nothing that a program writes can hide what it wrote: a sequence that
 * never ends is given up, and what it swallowed is text. Only text and numbers come out, never markup.
 */

/** Where text came from: its own state of colours, and its own look. */
export type Source = "stdout" | "stderr";

/** 0 to 15 are the terminal's colours; `RGB + 0xrrggbb` is one of its own. */
export type Colour = number;
export const RGB = 0x1000000;

export interface Style {
  readonly source: Source;
  readonly fg: Colour | undefined;
  readonly bg: Colour | undefined;
  /** `BOLD` and the others, added. */
  readonly flags: number;
}

export const BOLD = 1;
export const DIM = 2;
export const ITALIC = 4;
export const UNDERLINE = 8;
export const INVERSE = 16;
export const STRIKE = 32;
export const OVERLINE = 64;

export interface Run {
  text: string;
  style: Style;
}

/** Some hundred lines. One that is full never changes again. */
export interface Block {
  runs: Run[];
  lines: number;
  /** When each of its lines began, as far as that is known. */
  times: (string | undefined)[];
}

export const BLOCK_LINES = 500;
const BLOCK_RUNS = 4_000;
/** In one line; beyond it the colour stays as it is. */
const LINE_RUNS = 2_000;
const LONGEST_SEQUENCE = 1_024;
const MOST_PARAMETERS = 64;

const isPlain = (code: number): boolean => (code >= 0x20 && code < 0x7f) || code > 0x9f || code === 0x09;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a text for the terminal itself, such as the title of its window
const STRING = /\u001b[\]PX^_][^\u0007\u001b\n\u0018\u001a\u009c]*(\u0007|\u001b\\?|\u009c|\n|\u0018|\u001a)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the others have two characters, and some between
const OTHER = /\u001b[ -/]*[0-~]?/y;

const emptyBlock = (): Block => ({ runs: [], lines: 0, times: [] });
const plain = (source: Source): Style => ({ source, fg: undefined, bg: undefined, flags: 0 });
const PLAIN = plain("stdout");
const keyOf = ({ source, fg, bg, flags }: Style): string => `${source}:${fg}:${bg}:${flags}`;

/** What one source has set, and the part of a sequence whose rest has not come yet. */
interface Pen {
  style: Style;
  rest: string;
}

export class AnsiText {
  private readonly full: Block[] = [];
  private last: Block = emptyBlock();
  private readonly line = new Line();
  private hasLine = false;
  private isBegun = false;
  private begunAt: string | undefined;
  private readonly pens: Record<Source, Pen> = {
    stdout: { style: plain("stdout"), rest: "" },
    stderr: { style: plain("stderr"), rest: "" },
  };
  private readonly turns = new Map<Style, Map<string, Style>>();
  /** Equal styles are one object, which is how runs know that they belong together. */
  private readonly styles = new Map(Object.values(this.pens).map(({ style }) => [keyOf(style), style]));

  /** `at` is when this was written: lines that begin in it have that time. */
  write(text: string, source: Source = "stdout", at?: string): void {
    const pen = this.pens[source];
    const all = pen.rest + text;
    pen.rest = "";
    let from = 0;
    while (from < all.length) {
      if (!this.isBegun) {
        this.isBegun = true;
        this.begunAt = at;
      }
      let end = from;
      while (end < all.length && isPlain(all.charCodeAt(end))) end += 1;
      if (end > from) this.put(all.slice(from, end), pen.style);
      from = end < all.length ? this.obey(all, end, pen) : end;
    }
  }

  /** All that was written so far; those before the last are always the same objects. */
  blocks(): Block[] {
    if (!this.hasLine && this.last.lines === 0) return [...this.full];
    const open = { runs: copy(this.last.runs), lines: this.last.lines, times: [...this.last.times] };
    if (this.hasLine) addLine(open, copy(this.line.runs()), this.begunAt);
    return [...this.full, open];
  }

  /** The same without colours. */
  text(): string {
    const ended = this.hasLine ? "" : "\n";
    const blocks = this.blocks().map(({ runs }) => runs.map((run) => run.text).join(""));
    return blocks.length === 0 ? "" : blocks.join("\n") + ended;
  }

  private put(text: string, style: Style): void {
    this.line.put(text, style);
    this.hasLine = true;
  }

  /** Does what the character at `at` says, and tells where the text goes on. */
  private obey(text: string, at: number, pen: Pen): number {
    switch (text.charCodeAt(at)) {
      case 0x0a:
      case 0x0b:
      case 0x0c:
        this.endLine();
        return at + 1;
      case 0x0d:
        this.line.goToStart();
        return at + 1;
      case 0x08:
        this.line.goBack();
        return at + 1;
      case 0x00:
        this.put("␀", pen.style);
        return at + 1;
      case 0x1b:
      case 0x9b:
        return this.sequence(text, at, pen);
      default:
        return at + 1;
    }
  }

  private sequence(text: string, at: number, pen: Pen): number {
    if (text.charCodeAt(at) === 0x9b) return this.control(text, at, at + 1, pen);
    const next = text.charAt(at + 1);
    if (next === "[") return this.control(text, at, at + 2, pen);
    const isString = next !== "" && "]PX^_".includes(next);
    const grammar = isString ? STRING : OTHER;
    grammar.lastIndex = at;
    const found = grammar.exec(text);
    if (!found) return at + 1;
    const end = at + found[0].length;
    if (found[0].length > LONGEST_SEQUENCE) return at + 2;
    const isEnded = isString ? isClosed(found[1]) : isWhole(found[0]);
    if (!isEnded && end >= text.length) return this.keep(text, at, pen);
    // The end of a line, and another sequence, end this one and are there themselves.
    return found[1] === "\n" || found[1] === "\u001b" ? end - 1 : end;
  }

  /** A control sequence: parameters from `begin` on, what stands between, and the character that says what it is. */
  private control(text: string, at: number, begin: number, pen: Pen): number {
    let end = begin;
    while (isParameter(text.charCodeAt(end))) end += 1;
    const parameters = end;
    while (isBetween(text.charCodeAt(end))) end += 1;
    if (end - at > LONGEST_SEQUENCE) return begin;
    if (end >= text.length) return this.keep(text, at, pen);
    const final = text.charCodeAt(end);
    if (final < 0x40 || final > 0x7e) return end;
    if (end === parameters) {
      if (final === 0x6d) pen.style = this.turned(pen.style, text.slice(begin, parameters));
      // Who draws a line anew wipes what stood there before.
      if (final === 0x4b) this.line.erase(text.slice(begin, parameters));
    }
    return end + 1;
  }

  /** The rest has not come yet. */
  private keep(text: string, at: number, pen: Pen): number {
    pen.rest = text.slice(at);
    return text.length;
  }

  /** The same parameters behind the same style were reckoned before. */
  private turned(style: Style, parameters: string): Style {
    if (/[<=>?]/.test(parameters)) return style;
    let turns = this.turns.get(style);
    if (!turns) {
      turns = new Map();
      this.turns.set(style, turns);
    }
    const known = turns.get(parameters);
    if (known) return known;
    const next = this.known(sgr(style, parameters));
    turns.set(parameters, next);
    return next;
  }

  private known(style: Style): Style {
    const key = keyOf(style);
    const known = this.styles.get(key) ?? style;
    this.styles.set(key, known);
    return known;
  }

  private endLine(): void {
    if (this.last.lines >= BLOCK_LINES || this.last.runs.length >= BLOCK_RUNS) {
      this.full.push(this.last);
      this.last = emptyBlock();
    }
    addLine(this.last, this.line.runs(), this.begunAt);
    this.line.clear();
    this.hasLine = false;
    this.isBegun = false;
  }
}

const isParameter = (code: number): boolean => code >= 0x30 && code <= 0x3f;
const isBetween = (code: number): boolean => code >= 0x20 && code <= 0x2f;
const isClosed = (end: string | undefined): boolean => end !== undefined && end !== "\u001b";
const isWhole = (sequence: string): boolean => sequence.length > 1 && !/[ -/]$/.test(sequence);
const copy = (runs: Run[]): Run[] => runs.map((run) => ({ ...run }));

function addLine(block: Block, runs: Run[], at: string | undefined): void {
  let last = block.runs.at(-1);
  if (block.lines > 0) {
    if (!last) {
      last = { text: "", style: runs[0]?.style ?? PLAIN };
      block.runs.push(last);
    }
    last.text += "\n";
  }
  block.lines += 1;
  block.times.push(at);
  for (const run of runs) {
    if (last?.style === run.style) {
      last.text += run.text;
      continue;
    }
    block.runs.push(run);
    last = run;
  }
}

/** The line that is being written: runs as long as it only grows, single characters from when something goes back in it. */
class Line {
  private grown: Run[] = [];
  private cells: { chars: string[]; styles: Style[] } | undefined;
  /** Where the next character goes, once something has gone back. */
  private at = 0;
  private isBack = false;

  clear(): void {
    if (this.grown.length > 0) this.grown = [];
    this.cells = undefined;
    this.at = 0;
    this.isBack = false;
  }

  put(text: string, style: Style): void {
    if (!this.isBack) {
      append(this.grown, text, style);
      return;
    }
    const { chars, styles } = this.split();
    for (const char of text) {
      chars[this.at] = char;
      styles[this.at] = style;
      this.at += 1;
    }
  }

  /** Costs nothing until something is written there: most carriage returns stand before the end of a line. */
  goToStart(): void {
    this.isBack = true;
    this.at = 0;
  }

  goBack(): void {
    if (!this.isBack) this.at = this.split().chars.length;
    this.isBack = true;
    this.at = Math.max(0, this.at - 1);
  }

  erase(parameters: string): void {
    if (parameters === "2") this.clear();
    if (!this.isBack || (parameters !== "" && parameters !== "0")) return;
    const { chars, styles } = this.split();
    chars.length = styles.length = Math.min(chars.length, this.at);
  }

  runs(): Run[] {
    if (!this.cells) return this.grown;
    const { chars, styles } = this.cells;
    const runs: Run[] = [];
    for (const [index, style] of styles.entries()) append(runs, chars[index] ?? "", style);
    return runs;
  }

  private split() {
    if (this.cells) return this.cells;
    const cells: { chars: string[]; styles: Style[] } = { chars: [], styles: [] };
    for (const { text, style } of this.grown) {
      for (const char of text) {
        cells.chars.push(char);
        cells.styles.push(style);
      }
    }
    this.cells = cells;
    return cells;
  }
}

function append(runs: Run[], text: string, style: Style): void {
  const last = runs.at(-1);
  if (last && (last.style === style || runs.length >= LINE_RUNS)) last.text += text;
  else runs.push({ text, style });
}

const ON: Record<number, number> = {
  1: BOLD,
  2: DIM,
  3: ITALIC,
  4: UNDERLINE,
  7: INVERSE,
  9: STRIKE,
  21: UNDERLINE,
  53: OVERLINE,
};
const OFF: Record<number, number> = {
  22: BOLD | DIM,
  23: ITALIC,
  24: UNDERLINE,
  27: INVERSE,
  29: STRIKE,
  55: OVERLINE,
};

/** `before` with these parameters of SGR. Blinking does not blink, and what is concealed is shown. */
export function sgr(before: Style, parameters: string): Style {
  const codes = parameters.split(";", MOST_PARAMETERS);
  let { fg, bg, flags } = before;
  for (let at = 0; at < codes.length; at += 1) {
    const [first = "", ...sub] = (codes[at] ?? "").split(":");
    const code = Number(first);
    if (code === 0) [fg, bg, flags] = [undefined, undefined, 0];
    else if (code === 4 && sub[0] === "0") flags &= ~UNDERLINE;
    else if (code in ON) flags |= ON[code] ?? 0;
    else if (code in OFF) flags &= ~(OFF[code] ?? 0);
    else if (code >= 30 && code <= 37) fg = code - 30;
    else if (code >= 90 && code <= 97) fg = code - 90 + 8;
    else if (code >= 40 && code <= 47) bg = code - 40;
    else if (code >= 100 && code <= 107) bg = code - 100 + 8;
    else if (code === 39) fg = undefined;
    else if (code === 49) bg = undefined;
    else if (code === 38 || code === 48 || code === 58) {
      const { colour, used } = sub.length > 0 ? { colour: colourOf(sub), used: 0 } : behind(codes, at + 1);
      at += used;
      if (code === 38) fg = colour ?? fg;
      if (code === 48) bg = colour ?? bg;
    }
  }
  return { source: before.source, fg, bg, flags };
}

/** The colour whose parts are the parameters that follow. */
function behind(codes: string[], at: number): { colour: Colour | undefined; used: number } {
  const used = codes[at] === "5" ? 2 : codes[at] === "2" ? 4 : 0;
  return { colour: colourOf(codes.slice(at, at + used)), used };
}

/** `5, n` or `2, r, g, b`; behind colons a colour space may stand before the three. */
function colourOf(parts: string[]): Colour | undefined {
  const [kind, ...rest] = parts;
  if (kind === "5") return indexed(byteOf(rest[0]));
  if (kind !== "2") return undefined;
  const [red, green, blue] = (rest.length > 3 ? rest.slice(-3) : rest).map(byteOf);
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  return RGB + (red << 16) + (green << 8) + blue;
}

function byteOf(text: string | undefined): number | undefined {
  const value = Number(text ?? "x");
  return Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined;
}

const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);

/** Of the 256: the terminal's own 16, a cube of 6 × 6 × 6, 24 greys. */
function indexed(index: number | undefined): Colour | undefined {
  if (index === undefined || index < 16) return index;
  if (index >= 232) return RGB + (8 + (index - 232) * 10) * 0x010101;
  const cube = index - 16;
  return RGB + (level(Math.floor(cube / 36)) << 16) + (level(Math.floor(cube / 6) % 6) << 8) + level(cube % 6);
}
