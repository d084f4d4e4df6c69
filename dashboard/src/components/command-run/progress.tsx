import type { CommandRunCounts } from "@/api/types";
import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";
import { doneOf, failedOf, partsOf, progressWords } from "./counts";

interface ProgressProps {
  counts: CommandRunCounts;
  className?: string;
}

/** Where the commands of a run stand, side by side. A few of ten thousand are seen too. */
export function ProgressBar({ counts, className }: ProgressProps) {
  return (
    <div
      role="img"
      aria-label={progressWords(counts)}
      title={progressWords(counts)}
      className={cn("flex h-2 gap-px overflow-hidden rounded-full bg-hover", className)}
    >
      {partsOf(counts).map(({ name, fill }) => (
        <span
          key={name}
          className={cn("min-w-1 basis-0 transition-[flex-grow] duration-300", fill)}
          style={{ flexGrow: counts[name] }}
        />
      ))}
    </div>
  );
}

/** The bar in a row of a list, with the numbers that say most. */
export function ProgressLine({ counts, className }: ProgressProps) {
  const failed = failedOf(counts);
  return (
    <span className={cn("flex items-center gap-2", className)}>
      <ProgressBar counts={counts} className="min-w-16 flex-1" />
      <span className="shrink-0 text-xs">
        {formatCount(doneOf(counts))} / {formatCount(counts.total)}
        {failed > 0 && <span className="text-bad"> · {formatCount(failed)} failed</span>}
      </span>
    </span>
  );
}

/** Each number with its word, its shape and its colour. */
export function ProgressLegend({ counts }: { counts: CommandRunCounts }) {
  return (
    <ul aria-label="Where the machines stand" className="flex flex-wrap gap-x-5 gap-y-1.5 text-sm">
      {partsOf(counts).map(({ name, word, icon: Icon, tone, fill }) => (
        <li key={name} className="flex items-center gap-1.5">
          <span aria-hidden className={cn("size-3 shrink-0 rounded-xs border border-line-strong", fill)} />
          <Icon aria-hidden className={cn("size-3.5 shrink-0", tone)} />
          <span>
            <span className="font-medium">{formatCount(counts[name])}</span> {word}
          </span>
        </li>
      ))}
    </ul>
  );
}
