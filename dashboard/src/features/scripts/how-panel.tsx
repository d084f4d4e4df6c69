import { type UseFormReturn, useController } from "react-hook-form";
import type { CommandContext, ScriptPlatform } from "@/api/types";
import { OS_WORD } from "@/components/agent-name";
import { RowError } from "@/components/command/parameter-rows";
import { CONTEXT_WORD } from "@/components/command/run-values";
import { Checkbox } from "@/ui/checkbox";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { Panel } from "@/ui/panel";
import { checkInterpreter, checkPlatforms, checkTimeout } from "./version-checks";
import type { VersionValues } from "./version-values";

const KNOWN: Record<string, string> = {
  sh: "sh, the system's shell",
  powershell: "PowerShell",
  python: "Python 3",
  cmd: "cmd, of Windows",
};
const PLATFORMS: ScriptPlatform[] = ["linux", "windows", "macos"];

type Form = UseFormReturn<VersionValues>;

interface HowPanelProps {
  form: Form;
  isFixed?: boolean | undefined;
}

/** What runs a version, where, as whom and for how long. */
export function HowPanel({ form, isFixed = false }: HowPanelProps) {
  const { errors } = form.formState;
  const context = form.watch("context");
  return (
    <Panel title="How it runs">
      <fieldset disabled={isFixed} className="flex min-w-0 flex-col gap-3">
        <InterpreterField form={form} />
        <PlatformsField form={form} />
        <Field
          label="Runs as"
          error={errors.context?.message}
          hint={
            context === "system"
              ? "The agent's own account, with all rights that it has."
              : "The person who is logged in, with their rights and their desktop."
          }
        >
          {(control) => (
            <Select
              {...control}
              value={context}
              onChange={(event) =>
                form.setValue("context", event.target.value as CommandContext, { shouldDirty: true })
              }
              className="w-full"
            >
              {Object.entries(CONTEXT_WORD).map(([context, word]) => (
                <option key={context} value={context}>
                  {word}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Time limit (seconds)" error={errors.timeout_seconds?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("timeout_seconds", { validate: checkTimeout })}
              type="number"
              inputMode="numeric"
              min={1}
              max={86_400}
            />
          )}
        </Field>
      </fieldset>
    </Panel>
  );
}

function InterpreterField({ form }: { form: Form }) {
  const { field, fieldState } = useController({
    control: form.control,
    name: "interpreter",
    rules: { validate: checkInterpreter },
  });
  const error = fieldState.error?.message;
  const isKnown = Object.hasOwn(KNOWN, field.value);
  const choose = (next: string) => {
    field.onChange(next);
    // It is on no other system.
    if (next === "cmd") form.setValue("platforms", ["windows"], { shouldDirty: true });
  };
  return (
    <>
      <Field label="Interpreter" error={isKnown ? error : undefined}>
        {(control) => (
          <Select
            {...control}
            value={isKnown ? field.value : ""}
            onChange={(event) => choose(event.target.value)}
            className="w-full"
          >
            {Object.entries(KNOWN).map(([name, word]) => (
              <option key={name} value={name}>
                {word}
              </option>
            ))}
            <option value="">Another program</option>
          </Select>
        )}
      </Field>
      {!isKnown && (
        <Field label="Program" hint="Its name, such as bash, or its full path." error={error}>
          {(control) => (
            <Input
              {...control}
              {...field}
              spellCheck={false}
              autoCapitalize="off"
              autoCorrect="off"
              autoComplete="off"
              className="font-mono"
            />
          )}
        </Field>
      )}
    </>
  );
}

function PlatformsField({ form }: { form: Form }) {
  const { field, fieldState } = useController({
    control: form.control,
    name: "platforms",
    rules: { validate: checkPlatforms },
  });
  const chosen = field.value;
  const toggle = (platform: ScriptPlatform, on: boolean) =>
    field.onChange(PLATFORMS.filter((one) => (one === platform ? on : chosen.includes(one))));
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      <legend className="mb-1 font-medium text-ink text-sm">Systems</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-2">
        {PLATFORMS.map((platform) => (
          <Checkbox
            key={platform}
            isLabelVisible
            label={OS_WORD[platform]}
            checked={chosen.includes(platform)}
            onChecked={(on) => toggle(platform, on)}
          />
        ))}
      </div>
      <RowError message={fieldState.error?.message} />
    </fieldset>
  );
}
