/** How far a run has come: its commands by where they stand, in the order in which the bar shows them. */
import {
  Ban,
  CalendarX2,
  CircleCheck,
  CircleDashed,
  CirclePlay,
  CircleX,
  Clock,
  Hourglass,
  ListOrdered,
  type LucideIcon,
  TimerOff,
  Unplug,
  UserX,
} from "lucide-react";
import type { CommandRunCounts } from "@/api/types";
import { formatCount } from "@/lib/format";

export interface Part {
  name: Exclude<keyof CommandRunCounts, "total">;
  word: string;
  icon: LucideIcon;
  tone: string;
  /** Its piece of the bar: neighbours of one colour differ by their stripes. */
  fill: string;
  isDone?: boolean;
}

const stripes = {
  bad: "bg-[repeating-linear-gradient(135deg,var(--bad)_0_4px,var(--bad-soft)_4px_7px)]",
  warn: "bg-[repeating-linear-gradient(135deg,var(--warn)_0_4px,var(--warn-soft)_4px_7px)]",
  info: "bg-[repeating-linear-gradient(135deg,var(--info)_0_4px,var(--info-soft)_4px_7px)]",
  soft: "bg-[repeating-linear-gradient(135deg,var(--line-strong)_0_4px,var(--hover)_4px_7px)]",
  faint: "bg-[repeating-linear-gradient(45deg,var(--line-strong)_0_1px,var(--hover)_1px_6px)]",
} as const;

export const PARTS: readonly Part[] = [
  { name: "completed", word: "OK", icon: CircleCheck, tone: "text-ok", fill: "bg-ok", isDone: true },
  { name: "failed", word: "failed", icon: CircleX, tone: "text-bad", fill: "bg-bad", isDone: true },
  { name: "timeout", word: "timed out", icon: TimerOff, tone: "text-bad", fill: stripes.bad, isDone: true },
  { name: "interrupted", word: "interrupted", icon: Unplug, tone: "text-warn", fill: "bg-warn", isDone: true },
  { name: "expired", word: "expired", icon: CalendarX2, tone: "text-warn", fill: stripes.warn, isDone: true },
  { name: "cancelled", word: "cancelled", icon: Ban, tone: "text-soft", fill: "bg-soft", isDone: true },
  { name: "rejected", word: "rejected", icon: UserX, tone: "text-bad", fill: "bg-line-strong", isDone: true },
  { name: "running", word: "running", icon: CirclePlay, tone: "text-info", fill: "bg-info" },
  { name: "queued", word: "queued", icon: Clock, tone: "text-soft", fill: stripes.soft },
  { name: "offline", word: "offline", icon: CircleDashed, tone: "text-bad", fill: stripes.faint },
  { name: "waiting", word: "waiting", icon: ListOrdered, tone: "text-soft", fill: "bg-hover" },
  {
    name: "awaiting_approval",
    word: "awaiting approval",
    icon: Hourglass,
    tone: "text-info",
    fill: stripes.info,
  },
];

/** The parts of which there are some. */
export const partsOf = (counts: CommandRunCounts): readonly Part[] => PARTS.filter(({ name }) => counts[name] > 0);

const sum = (counts: CommandRunCounts, parts: readonly Part[]): number =>
  parts.reduce((total, { name }) => total + counts[name], 0);

export const doneOf = (counts: CommandRunCounts): number =>
  sum(
    counts,
    PARTS.filter(({ isDone }) => isDone),
  );

/** What is repeated when a run is repeated where it failed. */
export const failedOf = ({ failed, timeout, interrupted }: CommandRunCounts): number => failed + timeout + interrupted;

/** "12 of 40 done" */
export const doneWords = (counts: CommandRunCounts): string =>
  `${formatCount(doneOf(counts))} of ${formatCount(counts.total)} done`;

/** "12 of 40 done: 9 OK, 3 failed, 28 waiting" */
export function progressWords(counts: CommandRunCounts): string {
  const parts = partsOf(counts).map(({ name, word }) => `${formatCount(counts[name])} ${word}`);
  return parts.length > 0 ? `${doneWords(counts)}: ${parts.join(", ")}` : doneWords(counts);
}
