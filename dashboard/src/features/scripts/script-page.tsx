import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Archive, CalendarClock, FileX, Play, ScrollText } from "lucide-react";
import { useState } from "react";
import { q } from "@/api/client";
import { ApiError, isForbidden, isMissing } from "@/api/problem";
import type { Script, ScriptVersion } from "@/api/types";
import { ORGANISATION } from "@/components/can";
import { EmptyState, ErrorView } from "@/components/feedback";
import { useLeaveGuard } from "@/components/leave-guard";
import { useCannot } from "@/components/me";
import { Page, PageBody } from "@/components/page";
import { RunScriptDialog } from "@/components/script/run-script-dialog";
import { NONE_APPROVED, platformWords } from "@/components/script/use-cannot-run-script";
import { scriptQuery } from "@/components/script/use-script";
import { ScriptState } from "@/components/status";
import { Time } from "@/components/time";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/panel";
import { Tabs } from "@/ui/tabs";
import { EditorTab } from "./editor-tab";
import { RunsTab } from "./runs-tab";
import type { ScriptTab } from "./search";
import { SettingsTab } from "./settings-tab";
import { SuccessRate } from "./success-rate";
import type { Trial } from "./test-run";
import { useDraft } from "./use-draft";
import { VersionsTab } from "./versions-tab";

/** One script. Another is another page: no draft goes over from one to the other. */
export function ScriptPage() {
  const { id } = useParams({ from: "/app/scripts/$id" });
  return <OneScript key={id} id={id} />;
}

function OneScript({ id }: { id: string }) {
  const query = useQuery(scriptQuery(id));
  const script = query.data;
  const number = script?.newest_version;
  const versions = useQuery({
    ...q("script_version_list", { path: { id }, query: { number: number ?? 0 } }),
    enabled: number !== undefined,
    // While a newer version is read, what is being written stays.
    placeholderData: (before) => before,
  });
  const newest = versions.data?.items[0];
  const error = query.error ?? (newest ? null : versions.error);
  if (error && (!script || !newest || isMissing(error) || isForbidden(error))) {
    return <NoScript error={error} onRetry={() => void (script ? versions : query).refetch()} />;
  }
  if (!script || !newest) return <Loading />;
  return (
    <Page
      isHeadingLong
      title={script.name}
      heading={<Heading script={script} />}
      subtitle={<Subtitle script={script} />}
      actions={<Actions script={script} />}
    >
      <ScriptTabs script={script} newest={newest} />
    </Page>
  );
}

function Heading({ script }: { script: Script }) {
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5">
      <h1 title={script.name} className="min-w-0 truncate font-semibold text-xl">
        {script.name}
      </h1>
      <ScriptState script={script} className="text-sm" />
    </div>
  );
}

function Subtitle({ script }: { script: Script }) {
  const { folder, approved_version: approved, newest_version: newest, interpreter, platforms } = script;
  return (
    <p className="flex min-w-0 flex-wrap gap-x-2">
      {folder && (
        <>
          <span className="min-w-0 break-words">{folder.replaceAll("/", " › ")}</span>
          <span aria-hidden>·</span>
        </>
      )}
      <span>
        {approved ? `version ${approved} runs` : "no version runs by itself"}
        {approved !== newest && `, version ${newest} is the newest`}
      </span>
      <span aria-hidden>·</span>
      <span>
        {interpreter} on {platformWords(platforms)}
      </span>
      <span aria-hidden>·</span>
      <span className="max-sm:hidden">
        changed <Time value={script.updated_at} />
      </span>
      <span aria-hidden className="max-sm:hidden">
        ·
      </span>
      <SuccessRate script={script} isLong />
    </p>
  );
}

function Actions({ script }: { script: Script }) {
  const [isRunning, setRunning] = useState(false);
  const cannotAudit = useCannot("audit.view", ORGANISATION);
  const cannotRun = useCannot("scripts.run");
  const cannotSchedule = useCannot("schedules.edit");
  const cannotRunText = useCannot("commands.run");
  const away = script.archived_at ? "It was put away. Take it out again to run it." : undefined;
  const unapproved = !script.approved_version && cannotRunText ? NONE_APPROVED : undefined;
  return (
    <>
      {!cannotAudit && (
        <Button asChild>
          <Link to="/audit" search={{ target_id: script.id }}>
            <ScrollText /> What was done to it
          </Link>
        </Button>
      )}
      <Button variant="primary" disabledReason={cannotRun ?? away} onClick={() => setRunning(true)}>
        <Play /> Run…
      </Button>
      <ScheduleButton id={script.id} cannot={cannotSchedule ?? away ?? unapproved} />
      {isRunning && <RunScriptDialog scriptId={script.id} onClose={() => setRunning(false)} />}
    </>
  );
}

function ScheduleButton({ id, cannot }: { id: string; cannot: string | undefined }) {
  const label = (
    <>
      <CalendarClock /> Schedule…
    </>
  );
  if (cannot) return <Button disabledReason={cannot}>{label}</Button>;
  return (
    <Button asChild>
      <Link to="/schedules/new" search={{ script_id: id }}>
        {label}
      </Link>
    </Button>
  );
}

function ScriptTabs({ script, newest }: { script: Script; newest: ScriptVersion }) {
  const { tab = "editor" } = useSearch({ from: "/app/scripts/$id" });
  const navigate = useNavigate({ from: "/scripts/$id" });
  const draft = useDraft(newest);
  const guard = useLeaveGuard(draft.isDirty);
  const [trial, setTrial] = useState<Trial>({});
  const cannotSeeRuns = useCannot("commands.view");
  const open = (next: ScriptTab) =>
    void navigate({ search: (before) => ({ ...before, tab: next === "editor" ? undefined : next }), replace: true });
  return (
    <>
      {script.archived_at && <PutAway at={script.archived_at} />}
      <Tabs<ScriptTab>
        label="Script"
        value={tab === "runs" && cannotSeeRuns ? "editor" : tab}
        onValue={open}
        tabs={[
          {
            value: "editor",
            label: draft.isDirty ? "Editor (not saved)" : "Editor",
            content: <EditorTab script={script} newest={newest} draft={draft} trial={trial} onTrial={setTrial} />,
          },
          {
            value: "versions",
            label: "Versions",
            content: (
              <VersionsTab
                script={script}
                isDirty={draft.isDirty}
                onStartFrom={(version) => {
                  draft.startFrom(version);
                  open("editor");
                }}
              />
            ),
          },
          ...(cannotSeeRuns ? [] : [{ value: "runs" as const, label: "Runs", content: <RunsTab script={script} /> }]),
          { value: "settings", label: "Settings", content: <SettingsTab script={script} /> },
        ]}
      />
      {guard.dialog}
    </>
  );
}

function PutAway({ at }: { at: string }) {
  return (
    <p className="mx-4 mb-2 flex items-center gap-2 rounded-md bg-subtle px-3 py-2 text-sm text-soft max-md:mx-3">
      <Archive aria-hidden className="size-4 shrink-0" />
      <span>
        It was put away <Time value={at} /> and does not run. Its settings take it out again.
      </span>
    </p>
  );
}

function Loading() {
  return (
    <Page title="Script" heading={<Skeleton className="h-6 w-56" />}>
      <PageBody>
        <h1 className="sr-only">Script</h1>
        <div aria-busy="true" className="mt-10 grid gap-4 xl:grid-cols-[minmax(0,1fr)_25rem]">
          <Skeleton className="h-96 w-full rounded-lg" />
          <Skeleton className="h-64 w-full rounded-lg" />
        </div>
      </PageBody>
    </Page>
  );
}

/** An address that names no id is refused, not searched: to the reader it is the same. */
const isNone = (error: unknown) => isMissing(error) || (error instanceof ApiError && error.status === 400);

function NoScript({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Page title="Script">
      {isNone(error) ? (
        <EmptyState
          icon={FileX}
          title="This script is not here"
          className="flex-1"
          action={
            <Button asChild>
              <Link to="/scripts">Back to the library</Link>
            </Button>
          }
        >
          The address is wrong, or it belongs to another organisation.
        </EmptyState>
      ) : (
        <ErrorView error={error} onRetry={onRetry} className="flex-1" />
      )}
    </Page>
  );
}
