import type { Operation } from "@/api/operations";

/** What is read again when a schedule was made, changed or deleted. */
export const STALE: Operation[] = ["schedule_list", "schedule_get", "audit_event_list"];
