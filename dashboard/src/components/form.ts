import type { FieldPath, FieldValues, UseFormSetError } from "react-hook-form";
import { ApiError, explain } from "@/api/problem";

/**
 * Puts the server's refusal where the reader looks: each named field gets its own message, the rest goes above the
 * buttons. `fields` maps the server's field names to the form's.
 */
export function showFormError<Values extends FieldValues>(
  error: unknown,
  setError: UseFormSetError<Values>,
  fields: Partial<Record<string, FieldPath<Values>>>,
): void {
  const rest: string[] = [];
  let isFirst = true;
  for (const { field, message } of error instanceof ApiError ? error.errors : []) {
    const name = fields[field];
    if (name) setError(name, { type: "server", message }, { shouldFocus: isFirst });
    else rest.push(`${field}: ${message}`);
    isFirst = false;
  }
  const code = error instanceof ApiError ? error.code : "";
  const byCode = code === "name_taken" ? fields.name : code === "setup_token_wrong" ? fields.token : undefined;
  if (isFirst && byCode) {
    setError(byCode, { type: "server", message: sentence(error) }, { shouldFocus: true });
    return;
  }
  if (isFirst || rest.length > 0) {
    setError("root", { type: "server", message: rest.length > 0 ? rest.join(" ") : sentence(error) });
  }
}

export function sentence(error: unknown): string {
  const { title, advice } = explain(error);
  return `${title}. ${advice}`;
}
