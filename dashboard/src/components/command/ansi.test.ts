import { describe, expect, it } from "vitest";
import { AnsiText, BLOCK_LINES, BOLD, DIM, INVERSE, RGB, type Style, sgr, UNDERLINE } from "./ansi";

const ESC = "\u001b";
const MIB = 1_048_576;

function read(...pieces: string[]): AnsiText {
  const ansi = new AnsiText();
  for (const piece of pieces) ansi.write(piece);
  return ansi;
}
const textOf = (...pieces: string[]) => read(...pieces).text();
const runsOf = (...pieces: string[]) =>
  read(...pieces)
    .blocks()
    .flatMap((block) => block.runs);
const PLAIN: Style = { source: "stdout", fg: undefined, bg: undefined, flags: 0 };
const filled = (text: string) => text.repeat(Math.ceil(MIB / text.length)).slice(0, MIB);

/** The best of a few: the machine does other things too. */
function fastest(text: string, tries: number): number {
  const times = Array.from({ length: tries }, () => {
    const began = performance.now();
    read(text).blocks();
    return performance.now() - began;
  });
  return Math.min(...times);
}

describe("colours", () => {
  it("are set, added and taken back", () => {
    expect(runsOf(`${ESC}[1;31mred${ESC}[22m thin${ESC}[39m plain${ESC}[7mturned${ESC}[m end`)).toEqual([
      { text: "red", style: { ...PLAIN, fg: 1, flags: BOLD } },
      { text: " thin", style: { ...PLAIN, fg: 1 } },
      { text: " plain", style: PLAIN },
      { text: "turned", style: { ...PLAIN, flags: INVERSE } },
      { text: " end", style: PLAIN },
    ]);
  });

  it("are the 16, the 256 and all", () => {
    const fg = (parameters: string) => sgr(PLAIN, parameters).fg;
    const bg = (parameters: string) => sgr(PLAIN, parameters).bg;
    expect([fg("37"), fg("90"), bg("40"), bg("107")]).toEqual([7, 8, 0, 15]);
    expect([fg("38;5;9"), fg("38;5;196"), bg("48;5;232"), fg("38:5:21")]).toEqual([
      9,
      RGB + 0xff0000,
      RGB + 0x080808,
      RGB + 0x0000ff,
    ]);
    expect([fg("38;2;1;2;3"), bg("48:2::255:0:16"), fg("38:2:1:2:3")]).toEqual([
      RGB + 0x010203,
      RGB + 0xff0010,
      RGB + 0x010203,
    ]);
    // What follows the parts of a colour is read again, and the colour of a line under the text is not one of the text.
    expect(sgr(PLAIN, "38;5;1;1;48;2;0;0;0;4;58;5;31")).toEqual({
      ...PLAIN,
      fg: 1,
      bg: RGB,
      flags: BOLD | UNDERLINE,
    });
  });

  it("that are none change nothing", () => {
    for (const parameters of ["38", "38;5", "38;5;256", "38;2;1;2", "38;2;300;0;0", "38;5;-1", "999", "8", "58"]) {
      expect(sgr({ ...PLAIN, fg: 3 }, parameters)).toEqual({ ...PLAIN, fg: 3 });
    }
    // Those of the keyboard and of the cursor end with the same letter.
    expect(runsOf(`${ESC}[>4;31mx${ESC}[?31my`)).toEqual([{ text: "xy", style: PLAIN }]);
  });

  it("go on in the next line and block, and are each stream's own", () => {
    const ansi = new AnsiText();
    ansi.write(`${ESC}[32mgreen\nstill ${ESC}[`);
    ansi.write("plain\n", "stderr");
    ansi.write("2mdim");
    expect(ansi.blocks()[0]?.runs).toEqual([
      { text: "green\nstill ", style: { ...PLAIN, fg: 2 } },
      { text: "plain\n", style: { ...PLAIN, source: "stderr" } },
      { text: "dim", style: { ...PLAIN, fg: 2, flags: DIM } },
    ]);
  });
});

describe("sequences", () => {
  it("other than colours are left out", () => {
    const others = [
      `${ESC}[2J`,
      `${ESC}[10;20H`,
      `${ESC}[?25l`,
      `${ESC}[1 q`,
      `${ESC}(B`,
      `${ESC}7`,
      `${ESC}c`,
      `${ESC}]0;a title\u0007`,
      `${ESC}]8;;https://example.com${ESC}\\`,
      `${ESC}P1$r0m${ESC}\\`,
      "\u0007",
      "\u007f",
      "\u008d",
      "\u009b31m",
    ];
    for (const other of others) expect(textOf(`a${other}b`)).toBe("ab");
  });

  it("are whole, however they are split", () => {
    const text = `one ${ESC}[38;2;10;20;30mtwo${ESC}]0;title${ESC}\\ three${ESC}(B\r\nfo\bur ${ESC}[K🦀`;
    const whole = read(text).blocks();
    for (let at = 0; at <= text.length; at += 1) {
      // A character outside the basic plane comes whole: the decoder sees to it.
      if (text.charCodeAt(at) >= 0xdc00 && text.charCodeAt(at) <= 0xdfff) continue;
      expect(read(text.slice(0, at), text.slice(at)).blocks()).toEqual(whole);
    }
  });

  it("that never end hide nothing but themselves", () => {
    const long = "1;".repeat(50_000);
    expect(textOf(`a${ESC}[${long}`)).toBe(`a${long}`);
    expect(textOf(`${ESC}]0;${"x".repeat(2_000)}`)).toBe(`0;${"x".repeat(2_000)}`);
    expect(textOf(`${ESC}]0;title\nnext line`)).toBe("\nnext line");
    expect(textOf(`${ESC}P${ESC}[31mshown`)).toBe("shown");
    expect(
      textOf(...Array.from({ length: 3_000 }, () => "1"), `${ESC}[`, ...Array.from({ length: 3_000 }, () => "2")),
    ).toBe("1".repeat(3_000) + "2".repeat(3_000));
    expect(textOf(`a${ESC}[31\nb${ESC}`)).toBe("a\nb");
  });

  it("never become markup", () => {
    const hostile = `${ESC}]8;;javascript:alert(1)${ESC}\\<img src=x onerror=alert(1)>${ESC}[38;2;1;2;"><script>m`;
    const runs = runsOf(hostile);
    expect(runs.map((run) => run.text).join("")).toContain("<img src=x onerror=alert(1)>");
    for (const { style } of runs) {
      for (const value of [style.fg, style.bg]) expect(value === undefined || Number.isInteger(value)).toBe(true);
    }
  });

  it("with huge parameters are numbers like others", () => {
    expect(runsOf(`${ESC}[${"9".repeat(900)}mx`)).toEqual([{ text: "x", style: PLAIN }]);
    expect(runsOf(`${ESC}[38;5;${"9".repeat(400)};31mx`)[0]?.style.fg).toBe(1);
  });
});

describe("lines", () => {
  it("are written over after a carriage return", () => {
    expect(textOf("10 %\r50 %\r100 %\ndone\n")).toBe("100 %\ndone\n");
    expect(textOf("abcdef\rxy")).toBe("xycdef");
    expect(textOf("abcdef\rxy", "z")).toBe("xyzdef");
    expect(textOf(`abcdef\rxy${ESC}[K`)).toBe("xy");
    expect(textOf(`abcdef\r${ESC}[2Kxy`)).toBe("xy");
    expect(textOf("windows\r\nlines\r\n")).toBe("windows\nlines\n");
    expect(textOf("|\b/\b-\b\\\b ok")).toBe(" ok");
    expect(textOf("\b\bа🦀ю\b\b.")).toBe("а.ю");
    expect(runsOf(`${ESC}[31mred\r${ESC}[32mg`)).toEqual([
      { text: "g", style: { ...PLAIN, fg: 2 } },
      { text: "ed", style: { ...PLAIN, fg: 1 } },
    ]);
  });

  it("show what cannot be seen, and keep tabs", () => {
    expect(textOf("a\u0000b\tc")).toBe("a␀b\tc");
    expect(textOf("")).toBe("");
    expect(textOf("\n\n")).toBe("\n\n");
  });

  it("stand in blocks that new output leaves alone", () => {
    const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`).join("\n");
    const ansi = read(lines(1_200));
    const before = ansi.blocks();
    expect(before.map((block) => block.lines)).toEqual([BLOCK_LINES, BLOCK_LINES, 200]);
    ansi.write(`${lines(1_300).slice(lines(1_200).length)}`);
    const after = ansi.blocks();
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toBe(before[1]);
    expect(after[2]).not.toBe(before[2]);
    expect(ansi.text()).toBe(lines(1_300));
  });

  it("with ever new colours have an end of them", () => {
    const runs = runsOf(`${ESC}[31mx${ESC}[32my`.repeat(50_000));
    expect(runs.length).toBeLessThanOrEqual(2_000);
    expect(runs.map((run) => run.text).join("")).toBe("xy".repeat(50_000));
  });
});

describe("a mebibyte", () => {
  it("of what programs write is read in the blink of an eye", () => {
    expect(
      fastest(filled("a line of some eighty characters, as most programs write them, or nearly so\n"), 7),
    ).toBeLessThan(50);
  });

  it("of what is meant to be slow is not", () => {
    const hostile = {
      colours: `${ESC}[31mx${ESC}[32my`,
      own: `${ESC}[38;2;1;2;3mx${ESC}[48;2;3;2;1my`,
      introducers: `${ESC}[`,
      strings: `${ESC}]`,
      escapes: ESC,
      backspaces: "a\b",
      returns: "\rab",
      lines: "\n",
    };
    for (const [name, text] of Object.entries(hostile))
      expect([name, fastest(filled(text), 2) < 1_000]).toEqual([name, true]);
    const wide = `${ESC}[31mx${ESC}[32my`.repeat(40_000) + "\rz".repeat(200_000);
    expect(fastest(wide, 2)).toBeLessThan(1_000);
  });
});
