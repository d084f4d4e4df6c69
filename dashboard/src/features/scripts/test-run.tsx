import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { q } from "@/api/client";
import type { Agent, Script, ScriptVersion } from "@/api/types";
import { CommandLive } from "@/components/command/command-live";
import { machineOf } from "@/components/enrolment/machine-act";
import { ErrorView } from "@/components/feedback";
import { MachinePicker } from "@/components/machine-picker";
import { RunScriptForm } from "@/components/script/run-script-form";
import { mismatched, platformWords } from "@/components/script/use-cannot-run-script";
import { Field } from "@/ui/field";
import { Panel, Skeleton } from "@/ui/panel";

/** Where it was tried last, and what came of it. */
export interface Trial {
  machine?: Agent | undefined;
  runId?: string | undefined;
}

interface TestRunProps {
  script: Script;
  version: ScriptVersion;
  /** Something was changed since, which is not in what runs. */
  isDirty: boolean;
  trial: Trial;
  onTrial: (trial: Trial) => void;
}

/** Runs the newest version as it is saved on one machine, and shows what it writes. */
export function TestRun({ script, version, isDirty, trial, onTrial }: TestRunProps) {
  const { machine, runId } = trial;
  const whyNot = (agent: Agent) =>
    mismatched([machineOf(agent)], version.platforms).length > 0
      ? `The script is for ${platformWords(version.platforms)}.`
      : undefined;
  return (
    <Panel title="Try it" bodyClassName="flex flex-col gap-4 p-4">
      <RunScriptForm
        key={version.number}
        script={script}
        version={version}
        where={{ machines: machine ? [machineOf(machine)] : [] }}
        submitLabel={`Run version ${version.number}`}
        onStarted={({ id }) => onTrial({ machine, runId: id })}
      >
        {isDirty && (
          <p className="rounded-md bg-subtle px-3 py-2 text-soft text-xs">
            It runs version {version.number} as it is saved: what you have changed since is not in it.
          </p>
        )}
        <Field label="Machine">
          {(control) => (
            <MachinePicker
              control={control}
              value={machine}
              onValue={(agent) => onTrial({ machine: agent, runId })}
              whyNot={whyNot}
            />
          )}
        </Field>
      </RunScriptForm>
      {runId && <TrialOutput key={runId} runId={runId} />}
    </Panel>
  );
}

/** The one command of the run. */
function TrialOutput({ runId }: { runId: string }) {
  const query = useQuery(q("command_list", { query: { run_id: runId, limit: 1 } }));
  const command = query.data?.items[0];
  return (
    <section aria-label="What it wrote" className="flex flex-col gap-2 border-line border-t pt-4">
      {command ? (
        <CommandLive key={command.id} id={command.id} />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data ? (
        <p className="text-sm text-soft">Its command is not here any more.</p>
      ) : (
        <Skeleton className="h-32 w-full" />
      )}
      <Link
        to="/command-runs/$id"
        params={{ id: runId }}
        className="self-start font-medium text-accent-text text-sm hover:underline"
      >
        Open the run
      </Link>
    </section>
  );
}
