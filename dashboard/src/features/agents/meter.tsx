import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { formatPercent } from "@/lib/format";

export const toneOf = (value: number): string => (value >= 90 ? "bg-bad" : value >= 75 ? "bg-warn" : "bg-accent");

interface MeterProps {
  value: number | null | undefined;
  /** The machine is away: the figure is the last known one. */
  isStale: boolean;
}

/** A percentage with a small picture of it. */
export function Figure({ value, isStale, children }: MeterProps & { children: ReactNode }) {
  if (value === null || value === undefined) return <span className="text-soft">—</span>;
  return (
    <span
      className={cn("flex items-center gap-1.5", isStale && "text-soft")}
      title={isStale ? "Last known" : undefined}
    >
      <span className="w-9 shrink-0 text-right">{formatPercent(value)}</span>
      {children}
    </span>
  );
}

/** A small bar with its figure. */
export function Meter({ value, isStale }: MeterProps) {
  return (
    <Figure value={value} isStale={isStale}>
      <span aria-hidden className={cn("h-1 w-6 overflow-hidden rounded-full bg-hover", isStale && "opacity-50")}>
        <span className={cn("block h-full", toneOf(value ?? 0))} style={{ width: `${Math.min(100, value ?? 0)}%` }} />
      </span>
    </Figure>
  );
}
