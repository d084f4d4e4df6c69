/** Files that the server writes: read with the header of our pages, which a plain link cannot send, and handed to the browser. */
import { saveBlob } from "@/lib/download";
import { type Period, periodStart } from "@/lib/period";
import { serverNow } from "@/lib/server-time";
import { type Query, ROUTES } from "./operations";
import { OUR_PAGES } from "./our-pages";
import { noAnswer, problemOf } from "./problem";

const NAME = /filename="([^"/\\]+)"/;

/** Saves the audit log as the filters show it. */
export function saveAuditLog(query: Query<"audit_event_export">, period: Period | undefined): Promise<void> {
  const asked = { ...query, ...(period ? { from: periodStart(period, serverNow()) } : {}) };
  return saveFile("audit_event_export", asked, `audit.${query.format}`);
}

/** Saves the list of machines as the table shows it. */
export function saveMachines(query: Query<"agent_export">): Promise<void> {
  return saveFile("agent_export", query, "machines.csv");
}

async function saveFile(operation: "audit_event_export" | "agent_export", asked: object, otherwise: string) {
  const params = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]));
  const [, path] = ROUTES[operation];
  const request = new Request(`${window.location.origin}${path}?${params}`, {
    headers: OUR_PAGES,
    credentials: "same-origin",
  });
  const response = await globalThis.fetch(request).catch(() => {
    throw noAnswer();
  });
  if (!response.ok) throw problemOf(response, await response.json().catch(() => undefined));
  const name = NAME.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? otherwise;
  saveBlob(name, await response.blob());
}
