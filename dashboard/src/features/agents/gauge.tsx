import { cn } from "@/lib/cn";
import { formatPercent } from "@/lib/format";

interface GaugeProps {
  label: string;
  value: number | null | undefined;
  isStale: boolean;
  onOpen: () => void;
}

const RADIUS = 26;
const AROUND = 2 * Math.PI * RADIUS;

const word = (value: number) => (value >= 90 ? "Very high" : value >= 75 ? "High" : "Normal");
const tone = (value: number) => (value >= 90 ? "text-bad" : value >= 75 ? "text-warn" : "text-accent");

/** A ring with a figure and a word; it opens what is behind the figure. */
export function Gauge({ label, value, isStale, onOpen }: GaugeProps) {
  const known = value ?? undefined;
  const state = known === undefined ? "Not measured" : isStale ? "Last known" : word(known);
  return (
    <button
      type="button"
      onClick={onOpen}
      aria-haspopup="dialog"
      className="flex items-center gap-4 rounded-lg border border-line bg-surface px-4 py-3 text-left transition-colors hover:bg-hover"
    >
      <svg viewBox="0 0 64 64" className="size-16 shrink-0 -rotate-90" aria-hidden="true">
        <circle cx="32" cy="32" r={RADIUS} fill="none" strokeWidth="7" className="stroke-hover" />
        {known !== undefined && (
          <circle
            cx="32"
            cy="32"
            r={RADIUS}
            fill="none"
            strokeWidth="7"
            strokeLinecap="round"
            stroke="currentColor"
            strokeDasharray={`${(Math.min(100, Math.max(0.5, known)) / 100) * AROUND} ${AROUND}`}
            className={cn("transition-[stroke-dasharray] duration-500", isStale ? "text-soft opacity-50" : tone(known))}
          />
        )}
      </svg>
      <span className="min-w-0">
        <span className="block text-sm text-soft">{label}</span>
        <span className="block font-semibold text-2xl leading-7 tracking-tight">{formatPercent(known)}</span>
        <span className={cn("block text-xs", known === undefined || isStale || known < 75 ? "text-soft" : tone(known))}>
          {state}
        </span>
      </span>
    </button>
  );
}
