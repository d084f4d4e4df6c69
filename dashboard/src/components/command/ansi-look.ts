/** How the styles of a terminal look on the page's own console, which is dark in both themes. Whatever a program chooses can be read. */
import type { CSSProperties } from "react";
import { cn } from "@/lib/cn";
import { BOLD, type Colour, DIM, INVERSE, ITALIC, OVERLINE, RGB, STRIKE, type Style, UNDERLINE } from "./ansi";

export interface Look {
  className: string;
  style: CSSProperties | undefined;
}

// Whole words, because the style sheet has the classes that stand in the sources.
const INK = [
  "text-ansi-0",
  "text-ansi-1",
  "text-ansi-2",
  "text-ansi-3",
  "text-ansi-4",
  "text-ansi-5",
  "text-ansi-6",
  "text-ansi-7",
  "text-ansi-8",
  "text-ansi-9",
  "text-ansi-10",
  "text-ansi-11",
  "text-ansi-12",
  "text-ansi-13",
  "text-ansi-14",
  "text-ansi-15",
];
const GROUND = [
  "bg-ansi-ground-0",
  "bg-ansi-1",
  "bg-ansi-2",
  "bg-ansi-3",
  "bg-ansi-4",
  "bg-ansi-5",
  "bg-ansi-6",
  "bg-ansi-7",
  "bg-ansi-8",
  "bg-ansi-9",
  "bg-ansi-10",
  "bg-ansi-11",
  "bg-ansi-12",
  "bg-ansi-13",
  "bg-ansi-14",
  "bg-ansi-15",
];

const looks = new WeakMap<Style, Look>();

/** Of the same style always the same. */
export function lookOf(style: Style): Look {
  const known = looks.get(style);
  if (known) return known;
  const look = makeLook(style);
  looks.set(style, look);
  return look;
}

function makeLook({ source, fg, bg, flags }: Style): Look {
  const ink = source === "stderr" ? "text-console-bad" : "";
  const isInverse = (flags & INVERSE) !== 0;
  const front = isInverse ? bg : fg;
  const ground = isInverse ? fg : bg;
  const hasGround = ground !== undefined || isInverse;
  const own: Record<string, string> = {};
  if (!hasGround && front !== undefined && front >= RGB) own["--ansi-ink"] = hex(lifted(front - RGB));
  if (ground !== undefined && ground >= RGB) own["--ansi-ground"] = hex(ground - RGB);
  return {
    className: cn(
      ground === undefined ? (isInverse ? "bg-console-ink" : "") : classOf(GROUND, ground, "bg-(--ansi-ground)"),
      // On a ground of its own, dark or light is what can be read.
      hasGround ? inkOn(ground) : front === undefined ? ink : classOf(INK, front, "text-(--ansi-ink)"),
      flags & BOLD && "font-bold",
      flags & DIM && !hasGround && "opacity-75",
      flags & ITALIC && "italic",
      lines(flags),
    ),
    style: Object.keys(own).length > 0 ? (own as CSSProperties) : undefined,
  };
}

const classOf = (classes: string[], colour: Colour, own: string): string =>
  colour >= RGB ? own : (classes[colour] ?? "");

/** All grounds but black and the dark ones of a program's own are light. */
function inkOn(ground: Colour | undefined): string {
  const isDark = ground === 0 || (ground !== undefined && ground >= RGB && brightness(ground - RGB) < 0.18);
  return isDark ? "text-ansi-15" : "text-console";
}

function lines(flags: number): string {
  const words = [
    flags & UNDERLINE ? "underline" : "",
    flags & STRIKE ? "line-through" : "",
    flags & OVERLINE ? "overline" : "",
  ].filter(Boolean);
  // Two of the classes would not add up.
  return words.length > 1 ? `[text-decoration-line:${words.join("_")}]` : (words[0] ?? "");
}

const parts = (rgb: number): number[] => [rgb >> 16, (rgb >> 8) & 0xff, rgb & 0xff];
const hex = (rgb: number): string => `#${rgb.toString(16).padStart(6, "0")}`;

/** Relative luminance, 0 to 1, as contrast is reckoned with. */
function brightness(rgb: number): number {
  const [red = 0, green = 0, blue = 0] = parts(rgb).map((byte) => {
    const part = byte / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Bright enough for the lighter of the two consoles, 4.5 to 1. */
const ENOUGH = 0.24;

/** The colour, mixed with white until it can be read. */
function lifted(rgb: number): number {
  for (let white = 0; white <= 1; white += 0.1) {
    const mixed = parts(rgb).map((byte) => Math.round(byte + (255 - byte) * white));
    const value = ((mixed[0] ?? 0) << 16) + ((mixed[1] ?? 0) << 8) + (mixed[2] ?? 0);
    if (brightness(value) >= ENOUGH) return value;
  }
  return 0xffffff;
}
