/** What is asked for when a script is run: the fields of the form, and as the server takes them. */
import type { Params } from "@/api/operations";
import type { CommandRunTargets, ScriptParameter } from "@/api/types";
import { ALL_AT_ONCE, type PaceValues, paceOf } from "../command/run-pace";
import { A_DAY } from "../command/run-values";
import { isGiven } from "./parameters";
import { secondsOf, type WaitValues, waitOf } from "./wait";

export interface ScriptRunValues extends PaceValues, WaitValues {
  /** By the parameters' names. */
  parameters: Record<string, string>;
  /** Of no field: what the server says of the machines. */
  targets: string;
}

export const newRun = (parameters: readonly ScriptParameter[]): ScriptRunValues => ({
  parameters: Object.fromEntries(parameters.filter(isGiven).map(({ name, default: text }) => [name, text ?? ""])),
  ...waitOf(A_DAY),
  targets: "",
  ...ALL_AT_ONCE,
});

export interface Running {
  parameters: readonly ScriptParameter[];
  targets: CommandRunTargets;
  /** The number of a version; the approved one unless told. */
  number?: number | undefined;
}

export const scriptRunBodyOf = (values: ScriptRunValues, running: Running): Params<"script_run">["body"] => ({
  targets: running.targets,
  ...(running.number === undefined ? {} : { number: running.number }),
  parameters: givenOf(running.parameters, values.parameters),
  pace: paceOf(values),
  expires_in_seconds: secondsOf(values) ?? null,
});

/** What was left empty is not given, but for a text that would else be the default. */
function givenOf(parameters: readonly ScriptParameter[], values: Record<string, string>): Record<string, string> {
  const isSaid = ({ name, kind, default: text }: ScriptParameter) =>
    (values[name] ?? "") !== "" || (kind === "string" && Boolean(text));
  return Object.fromEntries(
    parameters
      .filter(isGiven)
      .filter(isSaid)
      .map(({ name }) => [name, values[name] ?? ""]),
  );
}

/** The form's fields by the server's names. */
export const fieldsOf = (parameters: readonly ScriptParameter[]) => ({
  targets: "targets" as const,
  expires_in_seconds: "wait" as const,
  mode: "mode" as const,
  rate_per_minute: "rate" as const,
  stop_after_failures: "failures" as const,
  ...Object.fromEntries(
    parameters.filter(isGiven).map(({ name }) => [`parameters.${name}`, `parameters.${name}` as const]),
  ),
});
