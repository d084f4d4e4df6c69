import type { CustomField } from "@/api/types";

/** The value of a custom field as people read it. */
export function fieldWords(kind: CustomField["kind"], value: string): string {
  if (kind === "checkbox") return value === "true" ? "Yes" : "No";
  return value;
}
