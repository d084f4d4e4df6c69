import { describe, expect, it } from "vitest";
import { bothTexts, outputFileName, plainText, readOn, timed } from "./output-text";

const out = (text: string) => ({ stream: "stdout", text }) as const;
const err = (text: string) => ({ stream: "stderr", text }) as const;

describe("reading on", () => {
  it("takes only what is new, and nothing anew when nothing is", () => {
    const first = readOn(undefined, [out("one\n"), err("oh")]);
    const same = readOn(first, [out("one\n"), err("oh")]);
    expect(same).toBe(first);
    const more = readOn(first, [out("one\n"), err("oh no\n"), out("two")]);
    expect(more.ansi).toBe(first.ansi);
    expect(more.ansi.text()).toBe("one\noh no\ntwo");
  });

  it("begins again when what came before is another", () => {
    const first = readOn(undefined, [out("one"), err("x")]);
    for (const other of [
      [out("other"), err("x")],
      [out("one and more"), err("x")],
      [out("one")],
      [err("one"), err("x")],
    ]) {
      const again = readOn(first, other);
      expect(again.ansi).not.toBe(first.ansi);
      expect(again.ansi.text()).toBe(other.map((piece) => piece.text).join(""));
    }
  });
});

describe("times", () => {
  const times = [
    { line: 1, at: "one" },
    { line: 3, at: "three" },
    { line: 9, at: "never" },
  ];

  it("hold from a line on until the next", () => {
    expect(timed("stdout", "a\nb\nc\nd\ne", times)).toEqual([
      { stream: "stdout", text: "a\n" },
      { stream: "stdout", text: "b\nc\n", at: "one" },
      { stream: "stdout", text: "d\ne", at: "three" },
    ]);
    expect(timed("stdout", "a\nb\nc\nd", times, 3)).toEqual([
      { stream: "stdout", text: "\nc\n", at: "one" },
      { stream: "stdout", text: "d", at: "three" },
    ]);
    expect(timed("stdout", "", times)).toEqual([]);
    expect(timed("stderr", "a\n", undefined)).toEqual([{ stream: "stderr", text: "a\n" }]);
  });

  it("are those of the pieces in which lines begin, however they go on", () => {
    const first = readOn(undefined, [{ ...out("a"), at: "1" }]);
    const { blocks } = readOn(first, [
      { ...out("a"), at: "1" },
      { ...err("b\n\u001b[31mc"), at: "2" },
      { ...out("\n\n"), at: "3" },
      out("d\n"),
    ]);
    expect(blocks.map((block) => block.times)).toEqual([["1", "2", "3", undefined]]);
  });
});

describe("as a text", () => {
  it("has no colours, and headings where there are two", () => {
    expect(plainText([out("\u001b[31mred\u001b[0m\r\n")])).toBe("red\n");
    expect(bothTexts("one\n", "")).toBe("one\n");
    expect(bothTexts("", "two\n")).toBe("two\n");
    expect(bothTexts("one", "two\n")).toBe("Output:\none\n\nErrors:\ntwo\n");
  });

  it("is named by machine and time, and by nothing that a folder is", () => {
    expect(outputFileName("web-1", "2026-03-01T14:05:09")).toBe("web-1-2026-03-01-140509.txt");
    expect(outputFileName("../Büro 3/../x", "2026-03-01T14:05:09")).toBe("Büro_3_.._x-2026-03-01-140509.txt");
    expect(outputFileName("///", "2026-03-01T14:05:09")).toBe("machine-2026-03-01-140509.txt");
  });
});
