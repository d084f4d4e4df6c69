import { useQuery } from "@tanstack/react-query";
import { q } from "@/api/client";
import type { CommandRun } from "@/api/types";
import { doneOf } from "@/components/command-run/counts";
import { ErrorView } from "@/components/feedback";
import { formatCount, plural } from "@/lib/format";
import { Panel, Skeleton } from "@/ui/panel";
import { withKeys } from "./group-key";
import { GroupRow } from "./group-row";

/** Machines that came to the same end with the same output, the largest group first. */
export function GroupsPanel({ run }: { run: CommandRun }) {
  const query = useQuery(q("command_run_groups", { path: { id: run.id } }));
  const { items = [], total = 0 } = query.data ?? {};
  return (
    <Panel
      title={
        <>
          Results
          {total > 0 && <span className="ml-2 font-normal text-soft text-xs">{plural(total, "different result")}</span>}
        </>
      }
      bodyClassName="p-0"
    >
      {query.error && !query.data ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <div aria-hidden className="flex flex-col gap-4 p-4">
          <Skeleton className="h-4 w-3/4" />
          <Skeleton className="h-4 w-1/2" />
        </div>
      ) : items.length === 0 ? (
        <p className="px-4 py-3.5 text-sm text-soft">
          {doneOf(run.counts) === 0 ? "No machine is done yet." : "Looking at what the first have written…"}
        </p>
      ) : (
        <ul aria-label="Equal results">
          {withKeys(items).map(({ key, group }) => (
            <GroupRow key={key} group={group} />
          ))}
        </ul>
      )}
      {total > items.length && items.length > 0 && (
        <p className="border-line border-t px-4 py-2 text-soft text-xs">
          These are the largest {formatCount(items.length)} of {formatCount(total)}; the rest is in the list of
          machines.
        </p>
      )}
    </Panel>
  );
}
