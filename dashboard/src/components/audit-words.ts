import type { AuditEvent } from "@/api/types";

/** "site_key.revoked" → "Site key revoked". */
export function actionWords(action: string): string {
  const text = action.replaceAll(/[._]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export const ACTOR_WORD: Record<AuditEvent["actor_kind"], string> = {
  user: "User",
  agent: "Machine",
  system: "System",
  api_key: "API key",
  operator: "Operator",
  anonymous: "Somebody",
};

export const actorOf = (event: AuditEvent): string => event.actor_name ?? ACTOR_WORD[event.actor_kind];

/** "display_name" → "Display name". */
export const fieldWords = actionWords;
