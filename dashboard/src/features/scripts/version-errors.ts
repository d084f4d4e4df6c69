/** The server's names of the fields of a version, as the form has them. */
import type { FieldPath } from "react-hook-form";
import { ApiError } from "@/api/problem";
import type { VersionValues } from "./version-values";

type Path = FieldPath<VersionValues>;

const PLAIN: Path[] = [
  "text",
  "interpreter",
  "platforms",
  "context",
  "timeout_seconds",
  "environment",
  "parameters",
  "note",
];

/** "parameters[2].default", "environment.PATH": the row that is meant. */
function pathOf(field: string, values: VersionValues): Path | undefined {
  const [, index, name] = /^parameters\[(\d+)\]\.(\w+)$/.exec(field) ?? [];
  if (index && name) return `parameters.${Number(index)}.${name}` as Path;
  const variable = field.startsWith("environment.") ? field.slice("environment.".length) : undefined;
  const row = values.environment.findIndex((one) => one.name.trim() === variable);
  if (variable !== undefined && row >= 0) return `environment.${row}.name`;
  return PLAIN.find((one) => one === field);
}

export const versionFields = (error: unknown, values: VersionValues): Partial<Record<string, Path>> =>
  Object.fromEntries(
    (error instanceof ApiError ? error.errors : []).map(({ field }) => [field, pathOf(field, values)]),
  );

/** The same refusal with only some of what it says of fields; nothing when nothing is left. */
export function onlyOf(error: unknown, isMeant: (field: string) => boolean): ApiError | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const errors = error.errors.filter(({ field }) => isMeant(field));
  const { status, code, message: detail } = error;
  return errors.length > 0 ? new ApiError({ status, code, detail, errors }) : undefined;
}
