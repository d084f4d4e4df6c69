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
