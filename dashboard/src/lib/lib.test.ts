import { describe, expect, it } from "vitest";
import { csvCell, toCsv } from "./csv";
import { formatAbsolute, formatBytes, formatDuration, formatPercent, formatRelative, plural } from "./format";
import { parseSearch, safeNext, stringifySearch } from "./search-params";

describe("csv", () => {
  it("makes no cell a formula, and leaves numbers alone", () => {
    for (const cell of ["=1+1", "+1", "-cmd", "@x", "\tx", " =x"]) expect(csvCell(cell)).toMatch(/^"'/);
    expect(csvCell(-5)).toBe("-5");
    // a spreadsheet that splits at something else sees a cell begin inside of ours
    for (const cell of ["pc;=1+1", "pc|+1", "pc,@x", "pc\t-1", "pc;\uFF1D1"]) {
      expect(csvCell(cell)).not.toMatch(/[;,|\t]\s*[=+\-@\uFF1D]/);
    }
    expect(csvCell("web-1; eu-west")).toBe("web-1; eu-west");
    expect(csvCell("plain")).toBe("plain");
    expect(csvCell(null)).toBe("");
  });

  it("quotes what needs it", () => {
    const text = toCsv([{ header: "a,b", value: (row: { v: string }) => row.v }], [{ v: 'say "hi"\nnow' }]);
    expect(text).toBe('\uFEFF"a,b"\r\n"say ""hi""\nnow"\r\n');
  });
});

describe("time", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  const ago = (seconds: number) => formatRelative(new Date(now - seconds * 1000).toISOString(), now);

  it("is relative in one unit, both ways, and a date when long ago", () => {
    expect([3, 45, 60, 3599, 7200, 86_400 * 3].map(ago)).toEqual([
      "just now",
      "45 s ago",
      "1 min ago",
      "59 min ago",
      "2 h ago",
      "3 d ago",
    ]);
    expect(ago(-7200)).toBe("in 2 h");
    expect(ago(86_400 * 40)).toMatch(/^2026-01-2\d$/);
    expect(formatRelative("nonsense", now)).toBe("—");
  });

  it("names the offset in the absolute form", () => {
    expect(formatAbsolute("2026-03-10T12:00:00Z")).toMatch(/^2026-03-1\d \d\d:\d\d:00 UTC[+−]\d\d:\d\d$/);
  });

  it("shows at most two units of a span", () => {
    expect([840, 3200, 61_000, 3_600_000, 90_061_000].map(formatDuration)).toEqual([
      "840 ms",
      "3.2 s",
      "1 min 1 s",
      "1 h",
      "1 d 1 h",
    ]);
  });
});

describe("numbers", () => {
  it("never shows an unknown value as zero", () => {
    expect(formatPercent(null)).toBe("—");
    expect(formatPercent(0.4)).toBe("0%");
    expect([0, 1023, 1536, 5 * 2 ** 40].map(formatBytes)).toEqual(["0 B", "1023 B", "1.5 KiB", "5.0 TiB"]);
    expect([plural(1, "machine"), plural(1204, "machine")]).toEqual(["1 machine", "1,204 machines"]);
  });
});

describe("addresses", () => {
  it("keep plain values plain both ways", () => {
    const search = { search: "a&b=c d", status: "failed,timeout", client_id: undefined };
    expect(stringifySearch(search)).toBe("?search=a%26b%3Dc+d&status=failed%2Ctimeout");
    expect(parseSearch(stringifySearch(search))).toEqual({ search: "a&b=c d", status: "failed,timeout" });
    expect(parseSearch("?search=123")).toEqual({ search: "123" });
  });

  it("lead nowhere else after a login", () => {
    expect(safeNext("/machines?status=offline")).toBe("/machines?status=offline");
    for (const bad of [
      "//evil.example.com",
      "/\\evil.example.com",
      "https://evil.example.com",
      "javascript:alert(1)",
      undefined,
    ])
      expect(safeNext(bad)).toBe("/");
  });
});
