import { CircleAlert } from "lucide-react";
import { explain } from "@/api/problem";
import { refusal } from "@/components/command-run/refusal";
import { Reach } from "@/components/command-run/run-preview";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { NextTimes } from "./next-times";
import type { TriggerKind } from "./schedule-values";
import type { Preview } from "./use-preview";

interface PreviewPanelProps {
  preview: Preview;
  kind: TriggerKind;
  /** Why it may not be made at its place, where nothing is looked up. */
  cannotHere: string | undefined;
}

/** What it would do as it is written now. */
export function PreviewPanel({ preview, kind, cannotHere }: PreviewPanelProps) {
  return (
    <Panel title="What it would do" bodyClassName="p-4">
      <div aria-live="polite" className="flex flex-col gap-3 text-sm">
        {cannotHere ? <p className="text-soft">{cannotHere}</p> : <Content preview={preview} kind={kind} />}
      </div>
    </Panel>
  );
}

function Content({ preview, kind }: Omit<PreviewPanelProps, "cannotHere">) {
  const { data, error, isAsked, retry } = preview;
  if (!isAsked)
    return <p className="text-soft">Say when it runs: here you see the next times, and how many machines.</p>;
  if (error) {
    return (
      <div className="flex flex-wrap items-center gap-3">
        <p className="flex min-w-0 flex-1 basis-48 items-start gap-2">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
          <span className="min-w-0 break-words">{refusal(error)}</span>
        </p>
        {explain(error).canRetry && (
          <Button size="sm" onClick={retry}>
            Try again
          </Button>
        )}
      </div>
    );
  }
  if (!data) return <p className="text-soft">Looking it up…</p>;
  return (
    <>
      <p className="font-medium">{data.sentence}</p>
      {data.next.length > 0 ? (
        <NextTimes next={data.next} />
      ) : (
        kind === "cron" && (
          <p className="text-soft">No time is to come: the place has no site yet, or no such day comes.</p>
        )
      )}
      {data.reach && (
        <div className="flex flex-col gap-1.5 rounded-md bg-subtle px-3 py-2">
          <Reach
            preview={data.reach}
            approval={
              <span className="font-medium">
                More than {plural(data.reach.approval_threshold ?? 0, "machine")}: each run waits for a second person,
                unless somebody agrees beforehand on the schedule's page.
              </span>
            }
          />
        </div>
      )}
    </>
  );
}
