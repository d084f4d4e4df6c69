/** Which machines are meant: as a run remembers it, or as it was asked for. */
import { plural } from "@/lib/format";

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** What stands in a filter by its id alone; its name may have changed since. */
const BY_ID: Record<string, string> = {
  client_id: "of one client",
  site_id: "of one site",
  site_key_id: "enrolled with one site key",
};

function filterWords([name, value]: [string, unknown]): string {
  const byId = BY_ID[name];
  if (byId) return byId;
  if (name === "search") return `found by “${String(value)}”`;
  if (name === "tag") return `tagged ${String(value)}`;
  // `<id of the field>:<value>`
  if (name === "field") return `with “${String(value).replace(/^[^:]*:/, "")}” in a field`;
  return String(value);
}

/** "12 chosen machines", "All machines: online, tagged web"; nothing for whoever is not told. */
export function whereWords(selection: unknown): string | undefined {
  const { ids, filter } = record(selection);
  const chosen = Array.isArray(ids) ? ids.length : ids;
  if (typeof chosen === "number") return plural(chosen, "chosen machine");
  if (filter === undefined) return undefined;
  const parts = Object.entries(record(filter))
    .filter(([, value]) => value !== null)
    .map(filterWords);
  return parts.length > 0 ? `All machines: ${parts.join(", ")}` : "All machines";
}
