import { TriangleAlert } from "lucide-react";
import type { CommandRun } from "@/api/types";
import { doneWords } from "@/components/command-run/counts";
import { leftOutWords } from "@/components/command-run/left-out";
import { ProgressBar, ProgressLegend } from "@/components/command-run/progress";
import { Panel } from "@/ui/panel";

/** How far it has come, and which machines it leaves out. */
export function ProgressPanel({ run }: { run: CommandRun }) {
  const { counts } = run;
  const leftOut = leftOutWords(run.refused, "were");
  return (
    <Panel title="Progress" bodyClassName="flex flex-col gap-3">
      <p className="text-base">
        <span className="font-semibold">{doneWords(counts)}</span>
        {run.status_reason && <span className="text-soft"> · {run.status_reason}</span>}
      </p>
      <ProgressBar counts={counts} className="h-3" />
      <ProgressLegend counts={counts} />
      {leftOut && (
        <p className="flex items-start gap-2 text-sm text-soft">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
          {leftOut}
        </p>
      )}
    </Panel>
  );
}
