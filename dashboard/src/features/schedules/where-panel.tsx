import { useState } from "react";
import type { UseFormReturn } from "react-hook-form";
import { RowError } from "@/components/command/parameter-rows";
import { MachinesField } from "@/components/machines-field";
import { PlacePicker } from "@/components/place-picker";
import { ScriptRunOptions } from "@/components/script/run-options";
import type { ScriptRunValues } from "@/components/script/run-values";
import { Field } from "@/ui/field";
import { Panel } from "@/ui/panel";
import { RadioCards } from "@/ui/radio-group";
import { FilterFields } from "./filter-fields";
import type { ScheduleValues, Which } from "./schedule-values";

const WHICH: { value: Which; label: string; hint: string }[] = [
  { value: "all", label: "All", hint: "Also those that come later" },
  { value: "filter", label: "Those that match", hint: "By system, status, tags or text" },
  { value: "names", label: "By name", hint: "These and no others" },
];

interface WherePanelProps {
  form: UseFormReturn<ScheduleValues>;
  run: UseFormReturn<ScriptRunValues>;
  /** What is wrong, by the server's names of the fields. */
  wrong: Partial<Record<string, string>>;
}

/** On which machines of which place, and how fast. */
export function WherePanel({ form, run, wrong }: WherePanelProps) {
  const { kind, place, which, machines } = form.watch();
  const { errors } = form.formState;
  const errorsOfRun = run.formState.errors;
  const wrongTargets = errors.targets?.message ?? wrong.targets;
  const [isOpen, setOpen] = useState(false);
  const hasWrongPace = Boolean(errorsOfRun.rate || errorsOfRun.failures || errorsOfRun.mode || errorsOfRun.wait);
  return (
    <Panel title="Where" bodyClassName="flex flex-col gap-4 p-4">
      <Field
        label="Organisation, client or site"
        error={errors.place?.message ?? wrong.client_id ?? wrong.site_id}
        hint="Its machines are looked for anew each time."
      >
        {(control) => (
          <PlacePicker
            control={control}
            value={place}
            permission="schedules.edit"
            onValue={(next) => {
              form.setValue("place", next, { shouldDirty: true });
              form.clearErrors("place");
            }}
          />
        )}
      </Field>
      <div data-wrong={wrongTargets && ""}>
        <RadioCards<Which>
          label="Which machines"
          value={which}
          onValue={(next) => {
            form.setValue("which", next, { shouldDirty: true });
            form.clearErrors("targets");
          }}
          options={WHICH}
        />
      </div>
      {which === "filter" && <FilterFields form={form} />}
      {which === "names" && (
        <MachinesField
          isByName
          within={{ client_id: place.clientId, site_id: place.siteId }}
          value={{ machines }}
          onValue={(next) => {
            form.setValue("machines", next.machines, { shouldDirty: true });
            form.clearErrors("targets");
          }}
        />
      )}
      <RowError message={wrongTargets} />
      <div data-wrong={errors.pace && ""} className="flex flex-col gap-2">
        <ScriptRunOptions form={run} isMany={kind === "cron"} isOpen={isOpen || hasWrongPace} onOpen={setOpen} />
        <RowError message={errors.pace?.message} />
      </div>
    </Panel>
  );
}
