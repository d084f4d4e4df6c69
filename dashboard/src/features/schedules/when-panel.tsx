import type { UseFormReturn } from "react-hook-form";
import { SpanInput } from "@/components/span-input";
import { TimeZonePicker } from "@/components/time-zone-picker";
import { Field } from "@/ui/field";
import { Select } from "@/ui/input";
import { Panel } from "@/ui/panel";
import { RadioCards } from "@/ui/radio-group";
import { ClockFields, TimeField } from "./clock-fields";
import { type ScheduleValues, type TriggerKind, UNIT_MINUTES, type Unit, withinOf } from "./schedule-values";

interface WhenPanelProps {
  form: UseFormReturn<ScheduleValues>;
  /** What is wrong, by the server's names of the fields. */
  wrong: Partial<Record<string, string>>;
}

const KINDS: { value: TriggerKind; label: string; hint: string }[] = [
  { value: "cron", label: "The clock", hint: "At certain times" },
  { value: "enrolment", label: "Enrolment", hint: "When a machine enrols, as soon as it may work" },
  { value: "first_contact", label: "First contact", hint: "When a machine is first there on a day" },
];

const UNITS = Object.keys(UNIT_MINUTES) as Unit[];

/** What sets it off. */
export function WhenPanel({ form, wrong }: WhenPanelProps) {
  const kind = form.watch("kind");
  return (
    <Panel title="When" bodyClassName="flex flex-col gap-4 p-4">
      <RadioCards<TriggerKind>
        label="What sets it off"
        value={kind}
        onValue={(next) => form.setValue("kind", next, { shouldDirty: true })}
        options={KINDS}
      />
      {kind === "cron" && (
        <>
          <ClockFields form={form} wrong={wrong["trigger.timing"]} />
          <ZoneField form={form} wrong={wrong["trigger.time_zone"]} />
          <MissedFields form={form} wrong={wrong["trigger.missed_within_minutes"]} />
        </>
      )}
      {kind === "first_contact" && (
        <TimeField
          form={form}
          name="notBefore"
          label="Not before"
          isOptional
          hint="By the clock of its site. Empty: from midnight on. A machine that is there when the day begins has its first contact then."
          wrong={wrong["trigger.not_before"]}
        />
      )}
      {kind === "enrolment" && (
        <p className="text-sm text-soft">Machines that are there already are left alone: only new ones set it off.</p>
      )}
    </Panel>
  );
}

interface PartProps {
  form: UseFormReturn<ScheduleValues>;
  wrong: string | undefined;
}

function ZoneField({ form, wrong }: PartProps) {
  return (
    <Field
      label="Time zone"
      hint="Each site's own: at that time by the clock of each machine's site."
      error={form.formState.errors.zone?.message ?? wrong}
    >
      {(control) => (
        <TimeZonePicker
          control={control}
          value={form.watch("zone")}
          onValue={(zone) => {
            form.setValue("zone", zone, { shouldDirty: true });
            form.clearErrors("zone");
          }}
          noneLabel="Each site's own"
        />
      )}
    </Field>
  );
}

/** What becomes of a time that comes while the server is not running. */
function MissedFields({ form, wrong }: PartProps) {
  const missed = form.watch("missed");
  const { errors, isSubmitted } = form.formState;
  const isWithin = (_: string, values: ScheduleValues) =>
    withinOf(values) !== undefined || "Between a minute and 30 days.";
  return (
    <div className="flex flex-wrap items-start gap-3">
      <div className="min-w-0 flex-1 basis-64">
        <Field label="If the server was not running then">
          {(control) => (
            <Select {...control} {...form.register("missed")} className="w-full">
              <option value="skip">Skip that time</option>
              <option value="once">Make up for it once</option>
            </Select>
          )}
        </Field>
      </div>
      {missed === "once" && (
        <div className="min-w-0 flex-1 basis-64">
          <Field label="At most so much later" error={errors.within?.message ?? wrong}>
            {(control) => (
              <SpanInput
                control={control}
                amount={form.register("within", { validate: isWithin })}
                units={UNITS}
                unit={form.watch("unit")}
                onUnit={(unit) => {
                  form.setValue("unit", unit, { shouldDirty: true });
                  if (isSubmitted) void form.trigger("within");
                }}
                unitLabel="Unit"
              />
            )}
          </Field>
        </div>
      )}
    </div>
  );
}
