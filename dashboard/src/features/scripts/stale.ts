import type { Operation } from "@/api/operations";

/** What a change of a script makes stale. */
export const STALE: Operation[] = ["script_list", "script_get", "script_version_list", "audit_event_list"];
