/** What the form of a version holds, as the server takes it and as it tells it. */
import type { ScriptParameter, ScriptPlatform, ScriptVersion, ScriptVersionWish } from "@/api/types";
import { isOfMachine } from "@/components/script/parameters";

export interface ParameterValues {
  name: string;
  label: string;
  kind: ScriptParameter["kind"];
  required: boolean;
  /** Nothing, or a text, which may be empty. */
  default: string | null;
  min: string;
  max: string;
  max_length: string;
  /** One a line. */
  choices: string;
  field: string;
}

export interface VersionValues {
  text: string;
  interpreter: string;
  platforms: ScriptPlatform[];
  context: ScriptVersion["context"];
  timeout_seconds: string;
  environment: { name: string; value: string }[];
  parameters: ParameterValues[];
  note: string;
}

export const NEW_VERSION: VersionValues = {
  text: "",
  interpreter: "sh",
  platforms: ["linux"],
  context: "system",
  timeout_seconds: "300",
  environment: [],
  parameters: [],
  note: "",
};

export const NEW_PARAMETER: ParameterValues = {
  name: "",
  label: "",
  kind: "string",
  required: false,
  default: null,
  min: "",
  max: "",
  max_length: "",
  choices: "",
  field: "",
};

/** Everything that a version says; what its author says of it is not said again. */
export const valuesOf = (version: ScriptVersion): VersionValues => ({
  text: version.text,
  interpreter: version.interpreter,
  platforms: [...version.platforms],
  context: version.context,
  timeout_seconds: String(version.timeout_seconds),
  environment: Object.entries(version.environment).map(([name, value]) => ({ name, value })),
  parameters: version.parameters.map(parameterValuesOf),
  note: "",
});

const textOf = (value: number | null | undefined): string =>
  value === null || value === undefined ? "" : String(value);

const parameterValuesOf = (parameter: ScriptParameter): ParameterValues => ({
  name: parameter.name,
  label: parameter.label,
  kind: parameter.kind,
  required: parameter.required ?? false,
  default: parameter.default ?? null,
  min: textOf(parameter.min),
  max: textOf(parameter.max),
  max_length: textOf(parameter.max_length),
  choices: (parameter.choices ?? []).join("\n"),
  field: parameter.field ?? "",
});

export const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

export const numberOf = (text: string): number | undefined => (text.trim() === "" ? undefined : Number(text));

/** Only what belongs to its kind: what was written for another is forgotten. */
export function parameterOf(values: ParameterValues): ScriptParameter {
  const { kind } = values;
  const min = numberOf(values.min);
  const max = numberOf(values.max);
  const longest = numberOf(values.max_length);
  return {
    name: values.name.trim(),
    label: values.label.trim(),
    kind,
    required: values.required,
    ...(values.default === null || kind === "vault" ? {} : { default: values.default }),
    ...(kind === "number" && min !== undefined ? { min } : {}),
    ...(kind === "number" && max !== undefined ? { max } : {}),
    ...(kind === "string" && longest !== undefined ? { max_length: longest } : {}),
    ...(kind === "choice" ? { choices: linesOf(values.choices) } : {}),
    ...(isOfMachine(values) || kind === "vault" ? { field: values.field.trim() } : {}),
  };
}

/** A row that was added and left alone says nothing. */
export const isWritten = ({ name, value }: { name: string; value: string }): boolean =>
  name.trim() !== "" || value !== "";

export const wishOf = (values: VersionValues): ScriptVersionWish => ({
  text: values.text,
  interpreter: values.interpreter.trim(),
  platforms: values.platforms,
  context: values.context,
  timeout_seconds: Number(values.timeout_seconds),
  environment: Object.fromEntries(
    values.environment.filter(isWritten).map(({ name, value }) => [name.trim(), value.replaceAll("\r\n", "\n")]),
  ),
  parameters: values.parameters.map(parameterOf),
  note: values.note.trim(),
});
