import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { type FieldPath, type UseFormReturn, useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import { isCode } from "@/api/problem";
import type { ScheduleDetails, Script, ScriptVersion } from "@/api/types";
import type { Place } from "@/components/can";
import { onlyOf, showFormError } from "@/components/form";
import { useCannot } from "@/components/me";
import { whyNoSecrets } from "@/components/script/parameter-fields";
import { checkGiven, isGiven } from "@/components/script/parameters";
import { fieldsOf, type ScriptRunValues } from "@/components/script/run-values";
import { toast } from "@/ui/toaster";
import { NAMES_MAX, previewOf, type ScheduleValues, type Start, wishOf } from "./schedule-values";
import { STALE } from "./stale";
import { type ChosenScript, useChosenScript } from "./use-chosen-script";
import { usePreview } from "./use-preview";

/** The form's fields by the server's names. */
const FIELDS: Partial<Record<string, FieldPath<ScheduleValues>>> = {
  name: "name",
  "trigger.timing": "clock.text",
  "trigger.time_zone": "zone",
  "trigger.missed_within_minutes": "within",
  "trigger.not_before": "notBefore",
  client_id: "place",
  site_id: "place",
  targets: "targets",
};

/** Both halves of the form: what a schedule says itself, and what every run of a script is given. */
export function useScheduleForm(start: Start, old: ScheduleDetails | undefined) {
  const form = useForm<ScheduleValues>({ defaultValues: start.values });
  const run = useForm<ScriptRunValues>({ defaultValues: start.run });
  const chosen = useChosenScript(run, start);
  const values = form.watch();
  const preview = usePreview(previewOf(values, run.watch(), ready(chosen, run)));
  const { number = chosen.number } = start;
  const isOther = chosen.id !== start.scriptId || (chosen.number !== undefined && chosen.number !== number);
  const cannot = useWhyNot(values, chosen);
  const { submit, isSaving } = useSave({ form, run, chosen, old, cannot });
  return {
    form,
    run,
    chosen,
    preview,
    isDirty: form.formState.isDirty || run.formState.isDirty || isOther,
    cannot,
    isSaving,
    submit,
  };
}

/** The version, once everything that it asks for is given: else it would be refused for what is not written yet. */
function ready({ id, version }: ChosenScript, run: UseFormReturn<ScriptRunValues>) {
  if (!id || !version || whyNoSecrets(version.parameters)) return undefined;
  const given = run.getValues("parameters");
  const isComplete = version.parameters
    .filter(isGiven)
    .every((parameter) => checkGiven(parameter, given[parameter.name] ?? "") === true);
  return isComplete ? { id, number: version.number, parameters: version.parameters } : undefined;
}

function useWhyNot({ place, which, machines }: ScheduleValues, { script, version }: ChosenScript): string | undefined {
  const cannot = useCannot("schedules.edit", place);
  const lacks = useCannotUse(place, script, version);
  if (cannot) return cannot;
  if (!script || !version) return "Choose a script first.";
  if (script.archived_at) return "The script was put away. Take it out again to run it.";
  if (which === "names" && machines.length === 0) return "Choose a machine first.";
  if (which === "names" && machines.length > NAMES_MAX)
    return "At most 1,000 machines by name: choose them by a filter.";
  return whyNoSecrets(version.parameters) ?? lacks;
}

/** What is not approved is as good as any text that they could write. */
function useCannotUse(place: Place, script: Script | undefined, version: ScriptVersion | undefined) {
  const cannot = useCannot("commands.run", place);
  if (!script || !version || script.approved_version === version.number) return undefined;
  return cannot && `This version is not approved. ${cannot}`;
}

interface Saving {
  form: UseFormReturn<ScheduleValues>;
  run: UseFormReturn<ScriptRunValues>;
  chosen: ChosenScript;
  old: ScheduleDetails | undefined;
  cannot: string | undefined;
}

/** Checks both halves, so that everything that is wrong is seen at once, and saves them together. */
function useSave({ form, run, chosen: { id, version }, old, cannot }: Saving) {
  const navigate = useNavigate();
  const isSending = useRef(false);
  const [isSaving, setSaving] = useState(false);
  const save = async (given: ScriptRunValues, onSaved: () => void) => {
    const wish =
      id && version && wishOf(form.getValues(), given, { id, number: version.number, parameters: version.parameters });
    if (!wish) return;
    try {
      const saved = old
        ? await call("schedule_replace", { path: { id: old.id }, body: { ...wish, based_on: old.digest } })
        : await call("schedule_create", { body: wish });
      onSaved();
      toast("done", `${saved.name} saved`);
      void invalidate(...STALE);
      await navigate({ to: "/schedules/$id", params: { id: saved.id } });
    } catch (error) {
      showErrors(error, form, run, fieldsOf(version.parameters));
    }
  };
  const send = async (onSaved: () => void) => {
    const isRight = await form.trigger(undefined, { shouldFocus: true });
    // The first thing that is wrong takes the focus.
    if (isRight) await run.handleSubmit((given) => save(given, onSaved))();
    else await run.trigger();
  };
  const submit = (event: FormEvent, onSaved: () => void) => {
    event.preventDefault();
    if (cannot || isSending.current) return;
    isSending.current = true;
    setSaving(true);
    form.clearErrors();
    run.clearErrors();
    void send(onSaved).finally(() => {
      isSending.current = false;
      setSaving(false);
    });
  };
  return { submit, isSaving };
}

function showErrors(
  error: unknown,
  form: UseFormReturn<ScheduleValues>,
  run: UseFormReturn<ScriptRunValues>,
  { targets: _, ...fields }: ReturnType<typeof fieldsOf>,
): void {
  const isOfRun = (field: string) => Object.hasOwn(fields, field);
  const ofRun = isCode(error, "name_taken") ? undefined : onlyOf(error, isOfRun);
  const rest = onlyOf(error, (field) => !isOfRun(field)) ?? (ofRun ? undefined : error);
  if (ofRun) showFormError(ofRun, run.setError, fields);
  if (rest) showFormError(rest, form.setError, FIELDS);
}
