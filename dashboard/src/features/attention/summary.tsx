import type { UseQueryResult } from "@tanstack/react-query";
import type { AgentSummary } from "@/api/types";
import { OS_WORD } from "@/components/agent-name";
import { ErrorView } from "@/components/feedback";
import { formatCount } from "@/lib/format";
import { Panel, Skeleton } from "@/ui/panel";

/** The fleet in a few figures. */
export function Summary({ query }: { query: UseQueryResult<AgentSummary> }) {
  const data = query.data;
  return (
    <Panel title="Fleet" className="self-start">
      {query.error && !data ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} className="py-2" />
      ) : !data ? (
        <Skeleton className="h-24 w-full" />
      ) : (
        <div className="flex flex-col gap-4">
          <div>
            <p className="flex items-baseline gap-2">
              <span className="font-semibold text-3xl leading-9 tracking-tight">{formatCount(data.online)}</span>
              <span className="text-sm text-soft">of {formatCount(data.total)} online</span>
            </p>
            <div aria-hidden className="mt-2 flex h-1.5 overflow-hidden rounded-full bg-bad">
              <span className="bg-ok" style={{ width: `${data.total > 0 ? (data.online / data.total) * 100 : 0}%` }} />
            </div>
          </div>
          <dl className="grid grid-cols-[1fr_auto] gap-y-1 text-sm">
            <dt className="text-soft">Offline</dt>
            <dd className="text-right">{formatCount(data.offline)}</dd>
            {(["linux", "windows", "macos"] as const)
              .filter((os) => data.by_os[os] > 0)
              .map((os) => (
                <div key={os} className="col-span-2 grid grid-cols-subgrid">
                  <dt className="text-soft">{OS_WORD[os]}</dt>
                  <dd className="text-right">{formatCount(data.by_os[os])}</dd>
                </div>
              ))}
          </dl>
        </div>
      )}
    </Panel>
  );
}
