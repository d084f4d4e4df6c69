import { describe, expect, it } from "vitest";
import { bothTexts, outputFileName, plainText, readOn } from "./output-text";

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
