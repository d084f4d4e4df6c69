import { CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { ErrorView } from "@/components/feedback";
import { Panel, Skeleton } from "@/ui/panel";

/** Four cells in a row; on a narrow screen two lines, with nothing left out. */
export const ROW =
  "grid min-h-9 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 border-line border-b px-4 py-1.5 last:border-b-0 hover:bg-subtle max-sm:*:nth-[1]:order-2 max-sm:*:nth-[1]:justify-self-end max-sm:*:nth-[1]:text-xs max-sm:*:nth-[2]:order-1 max-sm:*:nth-[3]:order-3 max-sm:*:nth-[3]:text-xs max-sm:*:nth-[4]:order-4 sm:grid-cols-[6.5rem_minmax(0,1fr)_minmax(0,1fr)_7rem] sm:py-1";

interface QueueProps {
  title: string;
  /** How many there are, in words. */
  count: string;
  hasMore: boolean;
  isCalm: boolean;
  query: { isPending: boolean; error: unknown; data: unknown; refetch: () => unknown };
  calm: string;
  all: ReactNode;
  children: ReactNode;
}

export function Queue({ title, count, hasMore, isCalm, query, calm, all, children }: QueueProps) {
  return (
    <Panel
      title={
        <>
          {title}
          {!isCalm && <span className="ml-2 rounded bg-bad-soft px-1.5 py-0.5 text-bad text-xs">{count}</span>}
        </>
      }
      actions={hasMore && <span className="font-medium text-accent-text text-xs hover:underline">{all}</span>}
      bodyClassName="p-0"
    >
      {query.isPending ? (
        <div className="flex flex-col gap-4 p-4" aria-hidden>
          <Skeleton className="h-3 w-3/4" />
          <Skeleton className="h-3 w-2/3" />
          <Skeleton className="h-3 w-1/2" />
        </div>
      ) : query.error && !query.data ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : isCalm ? (
        <p className="flex items-center gap-2 px-4 py-3.5 text-sm text-soft">
          <CircleCheck aria-hidden className="size-4 text-ok" /> {calm}
        </p>
      ) : (
        <ul>{children}</ul>
      )}
    </Panel>
  );
}
