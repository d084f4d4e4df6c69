import { KeyRound, Monitor } from "lucide-react";
import { type ControllerRenderProps, type UseFormReturn, useController } from "react-hook-form";
import type { ScriptParameter } from "@/api/types";
import { Field, type FieldControl } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { AGENT_FIELD_WORD, checkGiven, isGiven, isOfMachine } from "./parameters";
import type { ScriptRunValues } from "./run-values";

interface ParameterFieldsProps {
  form: UseFormReturn<ScriptRunValues>;
  parameters: readonly ScriptParameter[];
}

/** What a script asks for, each by its kind; what each machine has itself is explained and not asked. */
export function ParameterFields({ form, parameters }: ParameterFieldsProps) {
  const given = parameters.filter(isGiven);
  const own = parameters.filter(isOfMachine);
  const secrets = parameters.filter(({ kind }) => kind === "vault");
  if (parameters.length === 0) return <p className="text-sm text-soft">It asks for nothing.</p>;
  return (
    <div className="flex flex-col gap-3">
      {given.map((parameter) => (
        <ParameterField key={parameter.name} form={form} parameter={parameter} />
      ))}
      {own.length > 0 && (
        <ul aria-label="From each machine" className="flex flex-col gap-1.5 rounded-md bg-subtle px-3 py-2 text-sm">
          {own.map((parameter) => (
            <li key={parameter.name} className="flex items-start gap-2">
              <Monitor aria-hidden className="mt-0.5 size-4 shrink-0 text-soft" />
              <span className="min-w-0 break-words">
                <span className="font-medium">{parameter.label}</span>: {ownWords(parameter)}
              </span>
            </li>
          ))}
        </ul>
      )}
      {secrets.map((parameter) => (
        <p key={parameter.name} className="flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          <KeyRound aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0 break-words">
            <span className="font-medium">{parameter.label}</span>: a secret from the vault, which this server does not
            have yet.
          </span>
        </p>
      ))}
    </div>
  );
}

/** Why a script with these cannot run on any server yet. */
export const whyNoSecrets = (parameters: readonly ScriptParameter[]): string | undefined =>
  parameters.some(({ kind }) => kind === "vault")
    ? "The script asks for a secret from the vault, which this server does not have yet."
    : undefined;

function ownWords({ kind, field, default: text, required }: ScriptParameter): string {
  const whose =
    kind === "agent_field"
      ? `each machine's own (${AGENT_FIELD_WORD[field ?? ""] ?? field})`
      : `what the custom field “${field}” says of each machine`;
  if (text) return `${whose}; “${text}” where it says nothing.`;
  return required ? `${whose}. Machines without it are left out.` : `${whose}.`;
}

function ParameterField({ form, parameter }: { form: UseFormReturn<ScriptRunValues>; parameter: ScriptParameter }) {
  const { field, fieldState } = useController({
    control: form.control,
    name: `parameters.${parameter.name}`,
    rules: { validate: (text) => checkGiven(parameter, text) },
  });
  return (
    <Field
      label={parameter.required ? `${parameter.label} (required)` : parameter.label}
      hint={hintOf(parameter)}
      error={fieldState.error?.message}
    >
      {(control) => <Control parameter={parameter} control={{ ...control, ...field }} />}
    </Field>
  );
}

const PLAIN = { spellCheck: false, autoCapitalize: "off", autoCorrect: "off", autoComplete: "off" } as const;

type Controlled = FieldControl & ControllerRenderProps<ScriptRunValues, `parameters.${string}`>;

function Control({ parameter, control }: { parameter: ScriptParameter; control: Controlled }) {
  const required = { "aria-required": parameter.required || undefined };
  if (parameter.kind === "choice") {
    return (
      <Select {...control} {...required} className="w-full">
        {!parameter.default && <option value="">{parameter.required ? "Choose…" : "—"}</option>}
        {(parameter.choices ?? []).map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </Select>
    );
  }
  if (parameter.kind === "number") {
    return <Input {...control} {...required} {...PLAIN} inputMode="decimal" className="w-48" />;
  }
  // One line that grows with what is written in it: a text may have several.
  return (
    <Textarea
      {...control}
      {...required}
      {...PLAIN}
      rows={1}
      className="max-h-40 min-h-8 resize-none py-1 [field-sizing:content] max-sm:min-h-10 max-sm:py-2"
    />
  );
}

function hintOf({ kind, min, max, max_length, default: text }: ScriptParameter): string | undefined {
  const has = (value: number | null | undefined) => value !== null && value !== undefined;
  const bounds =
    has(min) && has(max) ? `From ${min} to ${max}.` : has(min) ? `${min} or more.` : has(max) ? `${max} or less.` : "";
  const length = kind === "string" && has(max_length) ? `At most ${max_length} characters.` : "";
  const empty = kind === "number" && text ? `Empty: ${text}.` : "";
  return [bounds, length, empty].filter(Boolean).join(" ") || undefined;
}
