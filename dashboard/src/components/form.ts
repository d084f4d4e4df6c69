import type { FieldPath, FieldValues, UseFormSetError } from "react-hook-form";
import { ApiError, explain } from "@/api/problem";

/** Refusals as a whole that are about one field. */
const FIELD_OF_CODE: Record<string, string> = {
  name_taken: "name",
  setup_token_wrong: "token",
  password_wrong: "current_password",
  already_member: "email",
  invitation_open: "email",
  choice_in_use: "choices",
};

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
  const byCode = fields[FIELD_OF_CODE[code] ?? ""];
  if (isFirst && byCode) {
    setError(byCode, { type: "server", message: sentence(error) }, { shouldFocus: true });
    return;
  }
  if (isFirst || rest.length > 0) {
    setError("root", { type: "server", message: rest.length > 0 ? rest.join(" ") : sentence(error) });
  }
}

/** The same for a form whose fields are not known beforehand: each message by the field's name without its `prefix`, else under `root`. */
export function errorsByField(error: unknown, prefix: string): Record<string, string> {
  const named = error instanceof ApiError ? error.errors : [];
  if (named.length === 0) return { root: sentence(error) };
  return Object.fromEntries(
    named.map(({ field, message }) => [field.startsWith(prefix) ? field.slice(prefix.length) : field, message]),
  );
}

/** The same refusal with only some of what it says of fields; nothing when nothing is left. */
export function onlyOf(error: unknown, isMeant: (field: string) => boolean): ApiError | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const errors = error.errors.filter(({ field }) => isMeant(field));
  const { status, code, message: detail } = error;
  return errors.length > 0 ? new ApiError({ status, code, detail, errors }) : undefined;
}

export function sentence(error: unknown): string {
  const { title, advice } = explain(error);
  return `${title}. ${advice}`;
}
