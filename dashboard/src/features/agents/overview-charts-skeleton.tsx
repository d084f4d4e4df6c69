import { Skeleton } from "@/ui/panel";

/** Holds the place of the charts, so that nothing moves when they come. */
export function OverviewChartsSkeleton() {
  return (
    <div className="grid gap-4 lg:grid-cols-2" aria-hidden>
      <Skeleton className="h-[17rem] rounded-lg" />
      <Skeleton className="h-[17rem] rounded-lg" />
    </div>
  );
}
