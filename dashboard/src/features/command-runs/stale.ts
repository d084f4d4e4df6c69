import type { Operation } from "@/api/operations";

/** What is read again when somebody has done something with a run. */
export const RUN_STALE: Operation[] = [
  "command_run_get",
  "command_run_list",
  "command_run_groups",
  "command_list",
  "command_get",
  "audit_event_list",
];
