import type { UseFormRegisterReturn } from "react-hook-form";
import type { CommandRunMode } from "@/api/types";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { checkFailures, checkRate, FAILURES_MAX, MODE_WORD, type PaceValues, RATE_MAX } from "./run-pace";

const MODE_HINT: Record<CommandRunMode, string> = {
  parallel: "Every machine is told as soon as the limit allows.",
  ordered: "By name: each when the one before has ended. A machine that is away is passed.",
};

/** A form that has a pace among its values. */
interface PaceForm {
  watch: (name: "mode") => CommandRunMode;
  setValue: (name: "mode", mode: CommandRunMode) => void;
  register: (
    name: "rate" | "failures",
    rules: { validate: (text: string, values: PaceValues) => true | string },
  ) => UseFormRegisterReturn;
  formState: { errors: { [Name in keyof PaceValues]?: { message?: string | undefined } } };
}

/** In which order many machines are told, how fast, and when the rest is spared. */
export function PaceFields({ form }: { form: PaceForm }) {
  const mode = form.watch("mode");
  const { errors } = form.formState;
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="Order" error={errors.mode?.message} hint={MODE_HINT[mode]}>
        {(control) => (
          <Select
            {...control}
            value={mode}
            onChange={(event) => form.setValue("mode", event.target.value as CommandRunMode)}
            className="w-full"
          >
            {Object.entries(MODE_WORD).map(([one, word]) => (
              <option key={one} value={one}>
                {word}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {mode === "parallel" && (
        <Field label="Machines a minute, at most" error={errors.rate?.message} hint="Empty: no limit.">
          {(control) => (
            <Input
              {...control}
              {...form.register("rate", { validate: checkRate })}
              type="number"
              inputMode="numeric"
              min={1}
              max={RATE_MAX}
            />
          )}
        </Field>
      )}
      <Field
        label="Stop after failures"
        error={errors.failures?.message}
        hint="So many failed machines, and the rest is not told any more. Empty: all are told."
      >
        {(control) => (
          <Input
            {...control}
            {...form.register("failures", { validate: checkFailures })}
            type="number"
            inputMode="numeric"
            min={1}
            max={FAILURES_MAX}
          />
        )}
      </Field>
    </div>
  );
}
