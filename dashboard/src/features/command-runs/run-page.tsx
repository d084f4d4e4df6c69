import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Layers } from "lucide-react";
import { q } from "@/api/client";
import { isMissing } from "@/api/problem";
import type { CommandRunDetail } from "@/api/types";
import { GivenPanel } from "@/components/command/given-panel";
import { firstLine } from "@/components/command-rows";
import { scriptTitle } from "@/components/command-run/run-title";
import { ScheduleLink } from "@/components/command-run/schedule-link";
import { EmptyState, ErrorView } from "@/components/feedback";
import { Page, PageBody } from "@/components/page";
import { CommandRunStatusMark } from "@/components/status";
import { Time } from "@/components/time";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Panel, Skeleton } from "@/ui/panel";
import { ApprovalCard } from "./approval-card";
import { GroupsPanel } from "./groups-panel";
import { MachinesPanel } from "./machines-panel";
import { ProgressPanel } from "./progress-panel";
import { Rerun } from "./rerun";
import { RunFacts } from "./run-facts";
import { RunText } from "./run-text";
import { openOf, StopRun } from "./stop-run";

/** One request for commands on many machines: how far it has come, what came out, and what can be done about it. */
export function RunPage() {
  const { id } = useParams({ from: "/app/command-runs/$id" });
  const query = useQuery(q("command_run_get", { path: { id } }));
  const run = query.data;
  if (isMissing(query.error)) return <NoRun />;
  return (
    <Page
      isHeadingLong
      title={run ? (scriptTitle(run) ?? `Run: ${firstLine(run.command)}`) : "Run"}
      {...(run
        ? { heading: <Heading run={run} />, subtitle: <Subtitle run={run} />, actions: <Actions run={run} /> }
        : {})}
    >
      {run ? (
        <Body key={id} run={run} />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} className="flex-1" />
      ) : (
        <Loading />
      )}
    </Page>
  );
}

function Heading({ run }: { run: CommandRunDetail }) {
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5">
      <h1 className="min-w-0 truncate font-semibold text-xl">
        {scriptTitle(run) ?? (
          <>
            Run: <code className="font-mono text-lg">{firstLine(run.command)}</code>
          </>
        )}
      </h1>
      <span role="status">
        <CommandRunStatusMark run={run} className="text-sm" />
      </span>
    </div>
  );
}

function Subtitle({ run }: { run: CommandRunDetail }) {
  const machines = `on ${plural(run.counts.total, "machine")}`;
  if (run.schedule_id) {
    return (
      <>
        {machines}, begun by <ScheduleLink run={run} />, due <Time value={run.due_at} />
      </>
    );
  }
  return (
    <>
      {machines}, asked for by {run.created_by_name ?? "somebody"} <Time value={run.created_at} />
    </>
  );
}

function Actions({ run }: { run: CommandRunDetail }) {
  if (run.status === "awaiting_approval") return null;
  return (
    <>
      <Rerun run={run} />
      {(run.status === "running" || openOf(run) > 0) && <StopRun run={run} />}
    </>
  );
}

function Body({ run }: { run: CommandRunDetail }) {
  const isAwaiting = run.status === "awaiting_approval";
  // Whoever decides sees the variables with their values where they decide.
  const given = isAwaiting && run.environment ? { ...run, variables: [] } : run;
  return (
    <PageBody>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-4">
          {isAwaiting ? <ApprovalCard run={run} /> : <ProgressPanel run={run} />}
          {!isAwaiting && <RunText run={run} />}
          <GivenPanel command={given} />
          {isAwaiting ? <ProgressPanel run={run} /> : <GroupsPanel run={run} />}
        </div>
        <RunFacts run={run} />
      </div>
      <MachinesPanel run={run} />
    </PageBody>
  );
}

function Loading() {
  return (
    <PageBody>
      <div aria-busy="true" className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <span className="sr-only">Loading the run…</span>
        <div className="flex flex-col gap-4">
          <Panel title="Progress">
            <Skeleton className="h-16 w-full" />
          </Panel>
          <Panel title="Text">
            <Skeleton className="h-24 w-full" />
          </Panel>
        </div>
        <Panel title="Course">
          <Skeleton className="h-48 w-full" />
        </Panel>
      </div>
    </PageBody>
  );
}

function NoRun() {
  return (
    <Page title="Run">
      <EmptyState
        icon={Layers}
        title="This run is not here"
        className="flex-1"
        action={
          <Button asChild>
            <Link to="/commands" search={{ tab: "runs" }}>
              Back to the list
            </Link>
          </Button>
        }
      >
        Its machines were deleted, you may not see any of them, or the address is wrong.
      </EmptyState>
    </Page>
  );
}
