import { describe, expect, it } from "vitest";
import type { ScriptParameter } from "@/api/types";
import { checkGiven, checkValue, isDecimal } from "./parameters";

const of = (more: Partial<ScriptParameter>): ScriptParameter => ({ name: "a", label: "A", kind: "string", ...more });

describe("values of parameters", () => {
  it("are decimal numbers where a number is asked for", () => {
    for (const good of ["0", "-12.5", "+3", "007", "0.0000000001", "999999999999999", "1.50000000000000"]) {
      expect([good, isDecimal(good)]).toEqual([good, true]);
    }
    for (const bad of ["", ".", "5.", ".5", "1e3", "0x1", "1,5", "--1", "1000000000000000", "0.00000000001"]) {
      expect([bad, isDecimal(bad)]).toEqual([bad, false]);
    }
  });

  it("keep within the bounds", () => {
    const days = of({ kind: "number", min: 1, max: 3650 });
    expect(checkValue(days, "30")).toBe(true);
    expect(checkValue(days, "0")).toBe("Between 1 and 3650.");
    expect(checkValue(of({ kind: "number", min: 0 }), "-1")).toBe("At least 0.");
    expect(checkValue(of({ max_length: 2 }), "abc")).toBe("At most 2 characters.");
    expect(checkValue(of({}), "a\u0007")).toBe("Control characters are not allowed.");
    expect(checkValue(of({}), "two\nlines\tand a tab")).toBe(true);
    expect(checkValue(of({}), "x".repeat(4097))).toBe("At most 4 KiB.");
    expect(checkValue(of({ kind: "choice", choices: ["on", "off"] }), "up")).toBe("Choose one of: on, off.");
  });

  it("may be left out where there is a default or none is required", () => {
    expect(checkGiven(of({ kind: "number", required: true }), "")).toBe("Give a value.");
    expect(checkGiven(of({ kind: "number", required: true, default: "3" }), "")).toBe(true);
    // an empty text is a text: the default does not take its place
    expect(checkGiven(of({ required: true, default: "/etc" }), "")).toBe("Give a value.");
    expect(checkGiven(of({ required: true }), "  ")).toBe("Give a value.");
    expect(checkGiven(of({}), "")).toBe(true);
  });
});
