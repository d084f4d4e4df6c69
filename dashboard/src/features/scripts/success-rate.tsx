import type { Script } from "@/api/types";
import { formatCount, plural } from "@/lib/format";

interface SuccessRateProps {
  script: Pick<Script, "ended_count" | "completed_count">;
  /** In words that stand alone. */
  isLong?: boolean;
}

/** What the server counts. */
export const COUNTED = "of the last 90 days, the newest 1,000 at most";

/** How many of its latest commands were completed. */
export function SuccessRate({ script: { ended_count: ended, completed_count: completed }, isLong }: SuccessRateProps) {
  if (ended === 0) return <span className="text-soft">{isLong ? "not run in 90 days" : "—"}</span>;
  const percent = Math.floor((100 * completed) / ended);
  const title = `${formatCount(completed)} of ${plural(ended, "command")} completed: ${COUNTED}`;
  return (
    <span title={title}>
      {percent}%
      <span className="text-soft">
        {isLong ? ` of ${plural(ended, "command")} completed` : ` of ${formatCount(ended)}`}
      </span>
    </span>
  );
}
