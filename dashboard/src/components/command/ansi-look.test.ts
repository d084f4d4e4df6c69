import { expect, it } from "vitest";
import { BOLD, INVERSE, RGB, STRIKE, type Style, UNDERLINE } from "./ansi";
import { lookOf } from "./ansi-look";

const style = (more: Partial<Style>): Style => ({ source: "stdout", fg: undefined, bg: undefined, flags: 0, ...more });

it("leaves plain output plain, and marks errors", () => {
  expect(lookOf(style({}))).toEqual({ className: "", style: undefined });
  expect(lookOf(style({ source: "stderr" })).className).toBe("text-console-bad");
  expect(lookOf(style({ source: "stderr", fg: 2, flags: BOLD })).className).toBe("text-ansi-2 font-bold");
});

it("gives the 16 colours classes and the others a property of their own", () => {
  expect(lookOf(style({ fg: 9 }))).toEqual({ className: "text-ansi-9", style: undefined });
  expect(lookOf(style({ fg: RGB + 0xffaa00 }))).toEqual({
    className: "text-(--ansi-ink)",
    style: { "--ansi-ink": "#ffaa00" },
  });
  expect(lookOf(style({ bg: RGB + 0x00000f }))).toEqual({
    className: "bg-(--ansi-ground) text-ansi-15",
    style: { "--ansi-ground": "#00000f" },
  });
});

it("lets nothing be hidden by its colour", () => {
  expect(lookOf(style({ fg: RGB })).style).not.toEqual({ "--ansi-ink": "#000000" });
  expect(lookOf(style({ fg: 1, bg: 1 })).className).toBe("bg-ansi-1 text-console");
  expect(lookOf(style({ fg: 0, bg: 0 })).className).toBe("bg-ansi-ground-0 text-ansi-15");
  expect(lookOf(style({ fg: RGB + 0xffffff, bg: RGB + 0xfffffe })).className).toBe("bg-(--ansi-ground) text-console");
  expect(lookOf(style({ flags: INVERSE })).className).toBe("bg-console-ink text-console");
});

it("draws several lines at once", () => {
  expect(lookOf(style({ flags: UNDERLINE })).className).toBe("underline");
  expect(lookOf(style({ flags: UNDERLINE | STRIKE })).className).toBe("[text-decoration-line:underline_line-through]");
});
