import type { AuditEvent } from "@/api/types";

type Action = AuditEvent["action"];

/** Everything that the server writes down: one that is missing here does not compile. */
const ALL: Record<Action, true> = {
  "agent.deleted": true,
  "agent.enrolled": true,
  "agent.unenrolled": true,
  "agent.updated": true,
  "audit.exported": true,
  "audit.retention_changed": true,
  "audit.trimmed": true,
  "client.created": true,
  "client.deleted": true,
  "client.updated": true,
  "command.cancel_requested": true,
  "command.created": true,
  "grant.created": true,
  "grant.deleted": true,
  "history.retention_changed": true,
  "organisation.created": true,
  "organisation.updated": true,
  "request.refused": true,
  "role.created": true,
  "role.deleted": true,
  "role.updated": true,
  "session.closed": true,
  "session.opened": true,
  "session.refused": true,
  "setup.completed": true,
  "site.created": true,
  "site.deleted": true,
  "site.updated": true,
  "site_key.created": true,
  "site_key.renewed": true,
  "site_key.revoked": true,
  "user.removed": true,
  "user.resumed": true,
  "user.signed_out": true,
  "user.suspended": true,
};

export const ACTIONS = Object.keys(ALL) as Action[];
