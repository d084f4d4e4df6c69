import { CircleAlert, TriangleAlert } from "lucide-react";
import { roomOf } from "@/components/usage";
import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";

interface UsageProps {
  used: number;
  max: number | null | undefined;
  /** What is left, in a sentence. */
  nearWords: (left: number) => string;
  fullWords: string;
}

/** How much is taken; where there is a limit also how much of it, and what follows when little or nothing is left. */
export function Usage({ used, max, nearWords, fullWords }: UsageProps) {
  const room = roomOf(used, max);
  if (max === null || max === undefined) return <>{formatCount(used)}, no limit</>;
  const share = used >= max ? 100 : (used / max) * 100;
  return (
    <div className="flex flex-col gap-1.5">
      <span>
        {formatCount(used)} of {formatCount(max)}
      </span>
      <span aria-hidden className="h-1.5 w-60 max-w-full overflow-hidden rounded-full bg-hover">
        <span
          className={cn("block h-full", room === "full" ? "bg-bad" : room === "near" ? "bg-warn" : "bg-accent")}
          style={{ width: `${share}%` }}
        />
      </span>
      {room === "near" && (
        <p className="flex items-start gap-1.5 text-warn">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {nearWords(max - used)}
        </p>
      )}
      {room === "full" && (
        <p className="flex items-start gap-1.5 text-bad">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {fullWords}
        </p>
      )}
    </div>
  );
}
