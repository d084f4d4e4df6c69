import { ApiError } from "@/api/problem";
import { sentence } from "../form";

/** Why something about a run was refused. What the server says of a field, or of machines where one may not act, it alone can say. */
export function refusal(error: unknown): string {
  if (!(error instanceof ApiError)) return sentence(error);
  if (error.errors.length > 0) return error.errors.map(({ message }) => message).join(" ");
  return error.code === "forbidden" ? error.message : sentence(error);
}
