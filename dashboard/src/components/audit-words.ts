import type { AuditEvent } from "@/api/types";

/** "site_key.revoked" → "Site key revoked". */
export function actionWords(action: string): string {
  const text = action.replaceAll(/[._]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Kind = AuditEvent["actor_kind"];

export const ACTOR_WORD: Record<Kind, string> = {
  user: "User",
  agent: "Machine",
  system: "System",
  api_key: "API key",
  schedule: "Schedule",
  operator: "Operator",
  anonymous: "Somebody",
};

/** It acts in the name of whoever changed it last. */
const isSchedule = ({ actor_kind }: { actor_kind: Kind }): boolean => actor_kind === "schedule";

/** In whose name it was done, if that is not theirs to have done. */
export const behalfOf = (event: AuditEvent): string | undefined =>
  event.on_behalf_of_name ?? (isSchedule(event) ? (event.actor_name ?? undefined) : undefined);

/** Who did it, in a column: "Technician One", "Schedule, for Technician One". */
export function actorOf(event: AuditEvent): string {
  if (!isSchedule(event)) return event.actor_name ?? ACTOR_WORD[event.actor_kind];
  return [ACTOR_WORD.schedule, event.actor_name && `for ${event.actor_name}`].filter(Boolean).join(", ");
}

/** The same with what kind of actor that is: "Technician One (user)", "Schedule". */
export function actorWords(event: AuditEvent): string {
  if (isSchedule(event)) return ACTOR_WORD.schedule;
  const kind = ACTOR_WORD[event.actor_kind];
  return event.actor_name ? `${event.actor_name} (${kind.toLowerCase()})` : kind;
}

/** "display_name" → "Display name". */
export const fieldWords = actionWords;
