import { useQuery } from "@tanstack/react-query";
import { Hourglass } from "lucide-react";
import { useMemo, useState } from "react";
import { byMachine, MOST_WAITING, waitingQuery } from "@/components/command/waiting-query";
import { EmptyState, ErrorView } from "@/components/feedback";
import { PageBody } from "@/components/page";
import { useScope } from "@/components/scope";
import { formatCount, plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/panel";
import { WaitingMachinePanel } from "./waiting-machine";

/** Each machine that is shown is asked for its state. */
const MACHINES_AT_ONCE = 30;

/** What waits where: the commands that no machine has begun yet. */
export function WaitingTab() {
  const scope = useScope();
  const query = useQuery(waitingQuery(scope));
  const machines = useMemo(() => byMachine(query.data?.commands ?? []), [query.data]);
  const [shown, setShown] = useState(MACHINES_AT_ONCE);
  if (query.error && !query.data) {
    return <ErrorView error={query.error} onRetry={() => void query.refetch()} className="flex-1" />;
  }
  if (!query.data) return <WaitingSkeleton />;
  if (machines.length === 0) {
    return (
      <EmptyState icon={Hourglass} title="Nothing waits" className="flex-1">
        Commands wait here while their machine is offline, until it is back or they expire.
      </EmptyState>
    );
  }
  const { commands, isCut } = query.data;
  const rest = machines.length - shown;
  return (
    <PageBody className="pt-3">
      <div className="flex max-w-5xl flex-col gap-3">
        <p className="text-soft text-sm" aria-live="polite">
          {plural(commands.length, "command waits", "commands wait")} on {plural(machines.length, "machine")}.
          {isCut && ` There are more: these are the newest ${formatCount(MOST_WAITING)}.`}
        </p>
        {machines.slice(0, shown).map((machine) => (
          <WaitingMachinePanel key={machine.id} machine={machine} />
        ))}
        {rest > 0 && (
          <Button className="self-start" onClick={() => setShown(shown + MACHINES_AT_ONCE)}>
            Show {plural(Math.min(rest, MACHINES_AT_ONCE), "more machine")}
          </Button>
        )}
      </div>
    </PageBody>
  );
}

function WaitingSkeleton() {
  return (
    <div aria-busy="true" className="flex max-w-5xl flex-col gap-3 px-4 pt-3 max-md:px-3">
      <span className="sr-only">Loading the commands that wait…</span>
      <Skeleton className="h-4 w-56" />
      <Skeleton className="h-28 w-full" />
      <Skeleton className="h-28 w-full" />
    </div>
  );
}
