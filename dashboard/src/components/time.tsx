import { formatAbsolute, formatRelative } from "@/lib/format";
import { useNow } from "@/lib/hooks";
import { serverNow } from "@/lib/server-time";

/** A time relative to now, with the absolute on hover. */
export function Time({
  value,
  empty = "—",
  className,
}: {
  value: string | null | undefined;
  empty?: string;
  className?: string;
}) {
  const ticked = useNow();
  if (!value) return <span className={className ?? "text-soft"}>{empty}</span>;
  // What happened since the last tick of the shared clock lies in the past too.
  const now = Date.parse(value) > ticked ? serverNow() : ticked;
  return (
    <time dateTime={value} title={formatAbsolute(value)} className={className ?? "whitespace-nowrap"}>
      {formatRelative(value, now)}
    </time>
  );
}
