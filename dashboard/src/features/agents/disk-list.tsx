import { useQuery } from "@tanstack/react-query";
import { ErrorView } from "@/components/feedback";
import { cn } from "@/lib/cn";
import { formatBytes } from "@/lib/format";
import { Skeleton } from "@/ui/panel";
import { toneOf } from "./meter";
import { metricsQuery } from "./metrics-query";

/** How full each disk was at the last measurement. */
export function DiskList({ agentId }: { agentId: string }) {
  const query = useQuery(metricsQuery(agentId, "1h"));
  const disks = query.data?.points.at(-1)?.disks ?? [];
  if (query.isPending) return <Skeleton className="mb-4 h-12 w-full" />;
  if (query.error && !query.data)
    return <ErrorView error={query.error} onRetry={() => void query.refetch()} className="mb-4 py-4" />;
  if (disks.length === 0) return <p className="mb-4 text-sm text-soft">No disk was measured in the last hour.</p>;
  return (
    <ul aria-label="Disks" className="mb-4 flex flex-col gap-2.5">
      {disks.map((disk) => {
        const percent = disk.total_bytes > 0 ? (disk.used_bytes / disk.total_bytes) * 100 : 0;
        return (
          <li key={disk.mount}>
            <p className="flex justify-between gap-3 text-sm">
              <span className="truncate font-mono text-xs">{disk.mount}</span>
              <span className="whitespace-nowrap text-soft text-xs">
                {formatBytes(disk.used_bytes)} of {formatBytes(disk.total_bytes)} ({Math.round(percent)}%)
              </span>
            </p>
            <div aria-hidden className="mt-1 h-1.5 overflow-hidden rounded-full bg-hover">
              <div className={cn("h-full", toneOf(percent))} style={{ width: `${percent}%` }} />
            </div>
          </li>
        );
      })}
    </ul>
  );
}
