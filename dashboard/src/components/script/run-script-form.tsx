import { Play, TriangleAlert } from "lucide-react";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { CommandRun, CommandRunTargets, Script, ScriptVersion } from "@/api/types";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { useWhyStopped } from "../command-run/stopped";
import { namesOf } from "../each-machine";
import { FormError } from "../feedback";
import { showFormError } from "../form";
import { ParameterFields, whyNoSecrets } from "./parameter-fields";
import { ScriptRunOptions } from "./run-options";
import { RunReach } from "./run-reach";
import { fieldsOf, newRun, type ScriptRunValues, scriptRunBodyOf } from "./run-values";
import { mismatched, platformWords, useCannotRunScript, type Where } from "./use-cannot-run-script";

export interface RunScriptFormProps {
  script: Pick<Script, "id" | "name" | "approved_version" | "archived_at">;
  version: ScriptVersion;
  where: Where;
  /** How the machines are chosen, above what the script asks for. */
  children?: ReactNode;
  submitLabel?: string;
  onStarted: (run: CommandRun) => void;
}

const isMany = ({ machines, all }: Where): boolean => all !== undefined || machines.length > 1;

/** Asks for what a version of a script needs, and runs it. Give it the version as its key: another asks for other things. */
export function RunScriptForm({
  script,
  version,
  where,
  children,
  submitLabel = "Run script",
  onStarted,
}: RunScriptFormProps) {
  const { parameters } = version;
  const form = useForm<ScriptRunValues>({ defaultValues: newRun(parameters) });
  const { errors, isSubmitting } = form.formState;
  const [isOpen, setOpen] = useState(false);
  const isSending = useRef(false);
  const stopped = useWhyStopped();
  const lacks = useCannotRunScript(script.approved_version === version.number, where);
  const never = whyNot(script, version) ?? lacks;
  const cannot = never ?? stopped ?? whyNowhere(where, version);
  const send = form.handleSubmit(
    async (values) => {
      if (cannot) return;
      try {
        const body = scriptRunBodyOf(values, { parameters, number: version.number, targets: targetsOf(where) });
        const run = await call("script_run", { path: { id: script.id }, body });
        void invalidate("command_run_list", "command_list", "script_list", "script_get", "audit_event_list");
        onStarted(run);
      } catch (error) {
        showFormError(error, form.setError, fieldsOf(parameters));
      }
    },
    (wrong) => {
      if (wrong.rate || wrong.failures || wrong.wait) setOpen(true);
    },
  );
  // The keyboard reaches past a blocked button: what is being sent must not be sent twice.
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (isSending.current) return;
    isSending.current = true;
    form.clearErrors();
    await send().finally(() => {
      isSending.current = false;
    });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {children}
      <ParameterFields form={form} parameters={parameters} />
      <ScriptRunOptions form={form} isMany={isMany(where)} isOpen={isOpen} onOpen={setOpen} />
      <LeftOut where={where} version={version} />
      {isMany(where) && !never && <RunReach scriptId={script.id} number={version.number} targets={targetsOf(where)} />}
      <FormError message={errors.root?.message ?? errors.targets?.message} />
      <div>
        <Button type="submit" variant="primary" disabledReason={cannot} isPending={isSubmitting}>
          <Play /> {submitLabel}
        </Button>
      </div>
    </form>
  );
}

const targetsOf = ({ machines, all }: Where): CommandRunTargets =>
  all ? { filter: all.filter } : { ids: machines.map(({ id }) => id) };

function whyNot(script: RunScriptFormProps["script"], version: ScriptVersion): string | undefined {
  if (script.archived_at) return "The script was put away. Take it out again to run it.";
  return whyNoSecrets(version.parameters);
}

function whyNowhere({ machines, all }: Where, { platforms }: ScriptVersion): string | undefined {
  if (all) return undefined;
  if (machines.length === 0) return "Choose a machine first.";
  if (mismatched(machines, platforms).length < machines.length) return undefined;
  return `The script is for ${platformWords(platforms)} only.`;
}

/** Those that it is not for. The server leaves them out. */
function LeftOut({ where: { machines, all }, version: { platforms } }: { where: Where; version: ScriptVersion }) {
  const out = all ? [] : mismatched(machines, platforms);
  const words = all
    ? platforms.length < 3 && `It is for ${platformWords(platforms)}: machines with another system are left out.`
    : out.length > 0 &&
      `It is for ${platformWords(platforms)} only: ${plural(out.length, "machine is", "machines are")} left out (${namesOf(out)}).`;
  return (
    <div aria-live="polite" className="empty:hidden">
      {words && (
        <p className="flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 break-words">{words}</span>
        </p>
      )}
    </div>
  );
}
