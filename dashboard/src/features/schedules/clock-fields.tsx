import { useId } from "react";
import { type UseFormReturn, useController } from "react-hook-form";
import { RowError } from "@/components/command/parameter-rows";
import { Checkbox } from "@/ui/checkbox";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import type { ScheduleValues } from "./schedule-values";
import {
  clockOf,
  LAST_DAY,
  NTH_WORD,
  PLUS_MAX,
  RHYTHM_WORD,
  RHYTHMS,
  type Rhythm,
  timeOf,
  timingOf,
  WEEK,
  WEEKDAY_WORD,
} from "./timing";

interface ClockFieldsProps {
  form: UseFormReturn<ScheduleValues>;
  /** What the server says of the timing as a whole. */
  wrong: string | undefined;
}

/** When a clock sets it off: chosen, or written as a text. */
export function ClockFields({ form, wrong }: ClockFieldsProps) {
  const rhythm = form.watch("clock.rhythm");
  const turnTo = (next: Rhythm) => {
    const clock = form.getValues("clock");
    // What was chosen is the text to begin with, and what a text says is chosen, as far as there are fields for it.
    const read = clock.rhythm === "advanced" ? clockOf(clock.text) : clock;
    const text = timingOf(clock) ?? clock.text;
    form.setValue("clock", { ...read, text, rhythm: next }, { shouldDirty: true });
    form.clearErrors("clock");
  };
  return (
    <div className="flex flex-col gap-3">
      <Field label="How often">
        {(control) => (
          <Select
            {...control}
            value={rhythm}
            onChange={(event) => turnTo(event.target.value as Rhythm)}
            className="w-full"
          >
            {RHYTHMS.map((one) => (
              <option key={one} value={one}>
                {RHYTHM_WORD[one]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {rhythm === "weekly" && <Weekdays form={form} />}
      {rhythm === "nth" && <NthFields form={form} />}
      {rhythm === "monthly" && <DayField form={form} />}
      {rhythm === "hourly" && <MinuteField form={form} />}
      {rhythm === "advanced" ? (
        <TextField form={form} wrong={wrong} />
      ) : (
        <>
          {rhythm !== "hourly" && <TimeField form={form} name="clock.time" label="At" />}
          <RowError message={form.formState.errors.clock?.text?.message ?? wrong} />
        </>
      )}
    </div>
  );
}

type Part = Pick<ClockFieldsProps, "form">;

interface TimeFieldProps extends Part {
  name: "clock.time" | "notBefore";
  label: string;
  hint?: string;
  wrong?: string | undefined;
  /** It may be left empty. */
  isOptional?: boolean;
}

export function TimeField({ form, name, label, hint, wrong, isOptional = false }: TimeFieldProps) {
  const { error } = form.getFieldState(name, form.formState);
  const validate = (text: string) =>
    (isOptional && text.trim() === "") || timeOf(text) !== undefined || "Write hours and minutes, such as 03:00.";
  return (
    <Field label={label} hint={hint} error={error?.message ?? wrong}>
      {(control) => (
        <Input {...control} {...form.register(name, { validate })} type="time" autoComplete="off" className="w-36" />
      )}
    </Field>
  );
}

function MinuteField({ form }: Part) {
  const validate = (text: string) => /^[0-5]?\d$/.test(text.trim()) || "From 0 to 59.";
  return (
    <Field label="Minute of the hour" error={form.formState.errors.clock?.minute?.message}>
      {(control) => (
        <Input
          {...control}
          {...form.register("clock.minute", { validate })}
          inputMode="numeric"
          autoComplete="off"
          className="w-24"
        />
      )}
    </Field>
  );
}

function Weekdays({ form }: Part) {
  const { field, fieldState } = useController({
    control: form.control,
    name: "clock.weekdays",
    rules: { validate: (days) => days.length > 0 || "Choose at least one day." },
  });
  const errorId = useId();
  const days = field.value;
  const error = fieldState.error?.message;
  return (
    <fieldset data-wrong={error && ""} aria-describedby={error ? errorId : undefined} className="flex flex-col gap-1.5">
      <legend className="mb-1 font-medium text-ink text-sm">Days of the week</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {WEEK.map((day) => (
          <Checkbox
            key={day}
            isLabelVisible
            label={WEEKDAY_WORD[day]}
            checked={days.includes(day)}
            onChecked={(on) => field.onChange(on ? [...days, day] : days.filter((one) => one !== day))}
          />
        ))}
      </div>
      <RowError id={errorId} message={error} />
    </fieldset>
  );
}

const afterWords = (days: number): string =>
  days === 0 ? "That day" : days === 1 ? "The day after" : `${days} days after`;

function NthFields({ form }: Part) {
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Field label="Which of the month">
        {(control) => (
          <Select {...control} {...form.register("clock.nth")} className="w-full">
            {Object.entries(NTH_WORD).map(([nth, word]) => (
              <option key={nth} value={nth}>
                {word}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Weekday">
        {(control) => (
          <Select {...control} {...form.register("clock.weekday", { valueAsNumber: true })} className="w-full">
            {WEEK.map((day) => (
              <option key={day} value={day}>
                {WEEKDAY_WORD[day]}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Runs on" hint="For what is to come after an update day.">
        {(control) => (
          <Select {...control} {...form.register("clock.plus", { valueAsNumber: true })} className="w-full">
            {Array.from({ length: PLUS_MAX + 1 }, (_, days) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the number is what it is
              <option key={days} value={days}>
                {afterWords(days)}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  );
}

const DAYS = 31;
/** Every month has so many days. */
const SHORTEST_MONTH = 28;

function DayField({ form }: Part) {
  const day = form.watch("clock.day");
  return (
    <Field
      label="Day of the month"
      hint={Number(day) > SHORTEST_MONTH ? "Shorter months have no such day: nothing runs in them." : undefined}
    >
      {(control) => (
        <Select {...control} {...form.register("clock.day")} className="w-40">
          {Array.from({ length: DAYS }, (_, index) => String(index + 1)).map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
          <option value={LAST_DAY}>The last day</option>
        </Select>
      )}
    </Field>
  );
}

function TextField({ form, wrong }: ClockFieldsProps) {
  return (
    <Field
      label="Timing"
      error={form.formState.errors.clock?.text?.message ?? wrong}
      hint={
        <>
          Minute, hour, day of the month, month, day of the week, such as <code>30 2 * * mon-fri</code>; or{" "}
          <code>nth 2 tue 03:00 +1</code>, the day after the second Tuesday; or <code>@daily</code>.
        </>
      }
    >
      {(control) => (
        <Input
          {...control}
          {...form.register("clock.text", { validate: (text) => text.trim() !== "" || "Write when it runs." })}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          className="font-mono"
        />
      )}
    </Field>
  );
}
