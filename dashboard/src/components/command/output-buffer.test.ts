import { describe, expect, it } from "vitest";
import { OutputBuffer } from "./output-buffer";

const bytes = (text: string) => new TextEncoder().encode(text);
const piece = (offset: number, data: Uint8Array | string, stream: "stdout" | "stderr" = "stdout") => ({
  command_id: "c",
  agent_id: "a",
  stream,
  offset,
  data: btoa(String.fromCharCode(...(typeof data === "string" ? bytes(data) : data))),
});
const detail = (stdout: string, stderr = "") => ({
  stdout,
  stderr,
  stdout_kept_bytes: bytes(stdout).length,
  stderr_kept_bytes: bytes(stderr).length,
});

describe("OutputBuffer", () => {
  it("drops doubles and cuts overlaps", () => {
    const buffer = new OutputBuffer();
    expect(buffer.apply(piece(0, "hello "))).toBe("applied");
    expect(buffer.apply(piece(0, "hello "))).toBe("duplicate");
    expect(buffer.apply(piece(3, "lo world"))).toBe("applied");
    expect(buffer.stdout).toBe("hello world");
  });

  it("holds what comes after a gap until the fetch has closed it", () => {
    const buffer = new OutputBuffer();
    buffer.apply(piece(0, "one "));
    expect(buffer.apply(piece(8, "three"))).toBe("gap");
    expect(buffer.stdout).toBe("one ");
    expect(buffer.hasGap).toBe(true);
    buffer.load(detail("one two "));
    expect(buffer.stdout).toBe("one two three");
    expect(buffer.hasGap).toBe(false);
  });

  it("starts in the middle: the fetched text first, then only what is beyond it", () => {
    const buffer = new OutputBuffer();
    buffer.apply(piece(4, "late"));
    buffer.load(detail("earl"));
    buffer.apply(piece(0, "earl"));
    expect(buffer.stdout).toBe("earllate");
  });

  it("goes on where the fetched text ends, though the counters were read before it", () => {
    const buffer = new OutputBuffer();
    const answer = { ...detail("onetwo"), stdout_bytes: 3, stderr_bytes: 0 };
    buffer.load(answer);
    expect(buffer.apply(piece(3, "two"))).toBe("duplicate");
    expect(buffer.stdout).toBe("onetwo");
  });

  it("is not taken back by an answer older than what has come live", () => {
    const buffer = new OutputBuffer();
    buffer.apply(piece(0, "abcdef"));
    buffer.load(detail("abc"));
    expect(buffer.stdout).toBe("abcdef");
  });

  it("keeps a character whole that is split between two pieces, and the streams apart", () => {
    const buffer = new OutputBuffer();
    const euro = bytes("€");
    buffer.apply(piece(0, euro.slice(0, 1)));
    buffer.apply(piece(1, euro.slice(1)));
    buffer.apply(piece(0, "err", "stderr"));
    expect(buffer.stdout).toBe("€");
    expect(buffer.stderr).toBe("err");
  });

  it("knows the order in which both came, and begins anew when it is told another text", () => {
    const buffer = new OutputBuffer();
    buffer.apply(piece(0, "one "));
    buffer.apply(piece(0, "oh ", "stderr"));
    buffer.apply(piece(4, "two "));
    buffer.apply(piece(8, "three "));
    expect(buffer.pieces).toEqual([
      { stream: "stdout", text: "one " },
      { stream: "stderr", text: "oh " },
      { stream: "stdout", text: "two three " },
    ]);
    buffer.load(detail("one two three four ", "oh "));
    expect(buffer.pieces.at(-1)).toEqual({ stream: "stdout", text: "two three four " });
    buffer.load(detail("another text altogether", "oh "));
    expect(buffer.pieces).toEqual([
      { stream: "stdout", text: "another text altogether" },
      { stream: "stderr", text: "oh " },
    ]);
  });

  it("knows when what is there was written: what was fetched by its lines, what came live by its pieces", () => {
    const at = (second: number) => `2026-01-02T03:04:0${second}Z`;
    const buffer = new OutputBuffer();
    buffer.load({ ...detail("a\nb\nc"), stdout_times: [{ line: 1, at: at(1) }] });
    buffer.apply({ ...piece(5, "d\n"), recorded_at: at(2) });
    buffer.apply({ ...piece(7, "e"), recorded_at: at(2) });
    buffer.apply({ ...piece(9, "g"), recorded_at: at(4) });
    const known = [
      { stream: "stdout", text: "a\n", at: undefined },
      { stream: "stdout", text: "b\nc", at: at(1) },
      { stream: "stdout", text: "d\ne", at: at(2) },
    ];
    expect(buffer.pieces).toEqual(known);
    buffer.load({
      ...detail("a\nb\ncd\ne\n"),
      stdout_times: [
        { line: 1, at: at(1) },
        { line: 3, at: at(2) },
      ],
    });
    expect(buffer.pieces).toEqual([
      ...known.slice(0, 2),
      { stream: "stdout", text: "d\ne\n", at: at(2) },
      { stream: "stdout", text: "g", at: at(4) },
    ]);
    buffer.apply({ ...piece(0, "oh", "stderr"), recorded_at: at(5) });
    buffer.load({ ...detail("quite another", "oh"), stdout_times: [{ line: 0, at: at(3) }] });
    expect(buffer.pieces).toEqual([
      { stream: "stdout", text: "quite another", at: at(3) },
      { stream: "stderr", text: "oh", at: at(5) },
    ]);
  });
});
