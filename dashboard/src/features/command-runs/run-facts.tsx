import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { CommandRun } from "@/api/types";
import { paceWords } from "@/components/command/run-pace";
import { TYPE_WORD, waitWords } from "@/components/command/run-values";
import { ScheduleLink } from "@/components/command-run/schedule-link";
import { whereWords } from "@/components/command-run/where";
import { Id } from "@/components/copy";
import { Time } from "@/components/time";
import { formatDuration } from "@/lib/format";
import { Facts, Panel } from "@/ui/panel";

/** Everything that it was given and that became of it, beside its numbers. */
export function RunFacts({ run }: { run: CommandRun }) {
  const where = whereWords(run.selection);
  return (
    <Panel title="Course">
      <Facts
        items={[
          { name: "Type", value: TYPE_WORD[run.command_type] },
          ...(run.interpreter
            ? [{ name: "Interpreter", value: <code className="font-mono text-xs">{run.interpreter}</code> }]
            : []),
          ...(where ? [{ name: "Asked for", value: where }] : []),
          ...(run.schedule_id
            ? [
                { name: "Begun by", value: <ScheduleLink run={run} /> },
                { name: "Due", value: <Time value={run.due_at} /> },
              ]
            : []),
          { name: run.schedule_id ? "In the name of" : "By", value: run.created_by_name ?? "—" },
          { name: "Created", value: <Time value={run.created_at} /> },
          ...decisionFacts(run),
          { name: "Started", value: <Time value={run.started_at} empty="not yet" /> },
          { name: "Finished", value: <Time value={run.finished_at} empty="not yet" /> },
          { name: "Order", value: paceWords(run) },
          { name: "Time limit", value: formatDuration(run.timeout_seconds * 1000) },
          { name: "Waits", value: `up to ${waitWords(run.expires_in_seconds)} for a machine` },
          { name: "If disconnected", value: run.on_disconnect === "continue" ? "keeps running" : "is stopped" },
          { name: "Runs as", value: run.context === "system" ? "system account" : "logged-in user" },
          ...(run.rerun_of ? [{ name: "Repeats", value: <Earlier id={run.rerun_of} /> }] : []),
          { name: "Run id", value: <Id value={run.id} label="run id" /> },
        ]}
      />
    </Panel>
  );
}

function Earlier({ id }: { id: string }) {
  return (
    <Link to="/command-runs/$id" params={{ id }} className="font-medium text-accent-text hover:underline">
      an earlier run, where it failed
    </Link>
  );
}

function decisionFacts(run: CommandRun): { name: string; value: ReactNode }[] {
  if (!run.decided_at) return [];
  return [
    {
      name: run.status === "rejected" ? "Rejected" : "Approved",
      value: (
        <>
          by {run.decided_by_name ?? "somebody"} <Time value={run.decided_at} />
          {run.decision_reason && <span className="block text-soft">“{run.decision_reason}”</span>}
        </>
      ),
    },
  ];
}
