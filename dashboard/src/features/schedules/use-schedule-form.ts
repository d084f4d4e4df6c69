import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type RefObject, useRef, useState } from "react";
import { type FieldPath, type FieldValues, type UseFormReturn, useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import { isCode } from "@/api/problem";
import type { ScheduleDetails } from "@/api/types";
import { type Place, placeOf } from "@/components/can";
import { onlyOf, showFormError } from "@/components/form";
import { useCannot } from "@/components/me";
import { whyNoSecrets } from "@/components/script/parameter-fields";
import { checkGiven, isGiven } from "@/components/script/parameters";
import { fieldsOf, type ScriptRunValues } from "@/components/script/run-values";
import { toast } from "@/ui/toaster";
import { isSameRun, NAMES_MAX, previewOf, type ScheduleValues, type Start, wishOf } from "./schedule-values";
import { STALE } from "./stale";
import { type ChosenScript, useChosenScript, withFields } from "./use-chosen-script";
import { useFocusOnWrong } from "./use-focus-on-wrong";
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
  pace: "pace",
};

/** Both halves of the form: what a schedule says itself, and what every run of a script is given. */
export function useScheduleForm(
  start: Start,
  old: ScheduleDetails | undefined,
  element: RefObject<HTMLFormElement | null>,
) {
  const form = useForm<ScheduleValues>({ defaultValues: start.values, shouldFocusError: false });
  const run = useForm<ScriptRunValues>({ defaultValues: start.run, shouldFocusError: false });
  const chosen = useChosenScript(run, start);
  const values = form.watch();
  const given = run.watch();
  const cannotHere = useCannot("schedules.edit", values.place);
  const lacks = useCannotUse(values.place, chosen);
  // Where one may not, the server would only say so again.
  const usable = lacks ? undefined : ready(chosen, run);
  const preview = usePreview(cannotHere ? undefined : previewOf(values, given, usable));
  const wrong = cannotHere ? { client_id: cannotHere } : preview.wrong;
  const { number = chosen.number } = start;
  const isOther = chosen.id !== start.scriptId || (chosen.number !== undefined && chosen.number !== number);
  const { version } = chosen;
  const isGivenAnew = version !== undefined && !isSameRun(given, withFields(start.run, version.parameters));
  const cannotOld = useCannot("schedules.edit", placeOf(old ?? {}));
  const cannot = (old && cannotOld) ?? cannotHere ?? whyNot(values, chosen) ?? lacks;
  const { submit, isSaving, isStale } = useSave({ form, run, chosen, old, cannot, element });
  return {
    form,
    run,
    chosen,
    preview,
    wrong,
    cannotHere,
    isDirty: form.formState.isDirty || isGivenAnew || isOther,
    isStale,
    cannot,
    lacks,
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

function whyNot({ which, machines }: ScheduleValues, { script, version }: ChosenScript): string | undefined {
  if (!script || !version) return "Choose a script first.";
  if (script.archived_at) return "The script was put away. Take it out again to run it.";
  if (which === "names" && machines.length === 0) return "Choose a machine first.";
  if (which === "names" && machines.length > NAMES_MAX)
    return "At most 1,000 machines by name: choose them by a filter.";
  return whyNoSecrets(version.parameters);
}

/** What is not approved is as good as any text that they could write. */
function useCannotUse(place: Place, { script, version }: ChosenScript): string | undefined {
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
  element: RefObject<HTMLFormElement | null>;
}

/** Checks both halves, so that everything that is wrong is seen at once, and saves them together. */
function useSave({ form, run, chosen: { id, version }, old, cannot, element }: Saving) {
  const navigate = useNavigate();
  const isSending = useRef(false);
  const [isSaving, setSaving] = useState(false);
  const [isStale, setStale] = useState(false);
  const focusOnWrong = useFocusOnWrong(element);
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
      // It stays to be read, and what is written stays too.
      if (isCode(error, "schedule_changed")) return setStale(true);
      showErrors(error, form, run, fieldsOf(version.parameters));
    }
  };
  const send = async (onSaved: () => void) => {
    const isRight = [await isValid(form), await isValid(run)].every(Boolean);
    if (isRight) await save(run.getValues(), onSaved);
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
      focusOnWrong();
    });
  };
  return { submit, isSaving, isStale };
}

/** From now on what is wrong is checked anew while it is mended. */
async function isValid<Values extends FieldValues>(half: UseFormReturn<Values>): Promise<boolean> {
  let isRight = false;
  await half.handleSubmit(() => {
    isRight = true;
  })();
  return isRight;
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
