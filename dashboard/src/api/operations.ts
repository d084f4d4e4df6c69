import type { operations } from "./schema";

/** Method and path of every operation the dashboard uses, by operation id; the types come from the API document. */
export const ROUTES = {
  setup_get: ["get", "/api/setup"],
  setup_complete: ["post", "/api/setup"],
  auth_login: ["post", "/api/auth/login"],
  auth_me: ["get", "/api/auth/me"],
  auth_logout: ["post", "/api/auth/logout"],
  client_list: ["get", "/api/clients"],
  client_create: ["post", "/api/clients"],
  client_get: ["get", "/api/clients/{id}"],
  client_update: ["patch", "/api/clients/{id}"],
  client_delete: ["delete", "/api/clients/{id}"],
  site_list: ["get", "/api/sites"],
  site_create: ["post", "/api/sites"],
  site_get: ["get", "/api/sites/{id}"],
  site_update: ["patch", "/api/sites/{id}"],
  site_delete: ["delete", "/api/sites/{id}"],
  site_key_list: ["get", "/api/site-keys"],
  site_key_create: ["post", "/api/site-keys"],
  site_key_update: ["patch", "/api/site-keys/{id}"],
  site_key_regenerate: ["post", "/api/site-keys/{id}/regenerate"],
  site_key_revoke: ["post", "/api/site-keys/{id}/revoke"],
  agent_list: ["get", "/api/agents"],
  agent_summary: ["get", "/api/agents/summary"],
  agent_export: ["get", "/api/agents/export"],
  agent_bulk: ["post", "/api/agents/bulk"],
  agent_get: ["get", "/api/agents/{id}"],
  agent_update: ["patch", "/api/agents/{id}"],
  agent_delete: ["delete", "/api/agents/{id}"],
  tag_list: ["get", "/api/tags"],
  custom_field_list: ["get", "/api/custom-fields"],
  custom_field_create: ["post", "/api/custom-fields"],
  custom_field_update: ["patch", "/api/custom-fields/{id}"],
  custom_field_delete: ["delete", "/api/custom-fields/{id}"],
  saved_view_list: ["get", "/api/saved-views"],
  saved_view_create: ["post", "/api/saved-views"],
  saved_view_update: ["patch", "/api/saved-views/{id}"],
  saved_view_delete: ["delete", "/api/saved-views/{id}"],
  agent_metrics: ["get", "/api/agents/{id}/metrics"],
  agent_processes: ["get", "/api/agents/{id}/processes"],
  agent_network: ["get", "/api/agents/{id}/network"],
  agent_history: ["get", "/api/agents/{id}/history"],
  agent_sparklines: ["get", "/api/agents/sparklines"],
  history_retention_get: ["get", "/api/history/retention"],
  history_retention_update: ["patch", "/api/history/retention"],
  command_run: ["post", "/api/agents/{id}/command"],
  command_list: ["get", "/api/commands"],
  command_get: ["get", "/api/commands/{id}"],
  command_output: ["get", "/api/commands/{id}/output"],
  command_cancel: ["post", "/api/commands/{id}/cancel"],
  command_stop_all: ["post", "/api/commands/stop-all"],
  command_start_again: ["post", "/api/commands/start-again"],
  command_run_list: ["get", "/api/command-runs"],
  command_run_create: ["post", "/api/command-runs"],
  command_run_preview: ["post", "/api/command-runs/preview"],
  command_run_get: ["get", "/api/command-runs/{id}"],
  command_run_groups: ["get", "/api/command-runs/{id}/groups"],
  command_run_stop: ["post", "/api/command-runs/{id}/stop"],
  command_run_rerun: ["post", "/api/command-runs/{id}/rerun"],
  command_run_approve: ["post", "/api/command-runs/{id}/approve"],
  command_run_reject: ["post", "/api/command-runs/{id}/reject"],
  script_list: ["get", "/api/scripts"],
  script_create: ["post", "/api/scripts"],
  script_import: ["post", "/api/scripts/import"],
  script_import_starter: ["post", "/api/scripts/import-starter"],
  script_get: ["get", "/api/scripts/{id}"],
  script_update: ["patch", "/api/scripts/{id}"],
  script_version_list: ["get", "/api/scripts/{id}/versions"],
  script_version_create: ["post", "/api/scripts/{id}/versions"],
  script_approve: ["post", "/api/scripts/{id}/approve"],
  script_withdraw: ["post", "/api/scripts/{id}/withdraw"],
  script_file: ["get", "/api/scripts/{id}/file"],
  script_preview: ["post", "/api/scripts/{id}/preview"],
  script_run: ["post", "/api/scripts/{id}/run"],
  audit_event_list: ["get", "/api/audit-events"],
  audit_event_export: ["get", "/api/audit-events/export"],
  audit_chain_get: ["get", "/api/audit-chain"],
  audit_retention_get: ["get", "/api/audit-retention"],
  audit_retention_update: ["patch", "/api/audit-retention"],
  organisation_get: ["get", "/api/organisation"],
  organisation_update: ["patch", "/api/organisation"],
  platform_organisation_list: ["get", "/api/platform/organisations"],
  platform_organisation_create: ["post", "/api/platform/organisations"],
  platform_organisation_update: ["put", "/api/platform/organisations/{id}"],
  user_list: ["get", "/api/users"],
  user_get: ["get", "/api/users/{id}"],
  user_update: ["patch", "/api/users/{id}"],
  user_remove: ["delete", "/api/users/{id}"],
  user_access: ["get", "/api/users/{id}/access"],
  user_sessions: ["get", "/api/users/{id}/sessions"],
  user_sign_out: ["post", "/api/users/{id}/sign-out"],
  grant_create: ["post", "/api/users/{id}/grants"],
  grant_delete: ["delete", "/api/grants/{id}"],
  schedule_list: ["get", "/api/schedules"],
  schedule_create: ["post", "/api/schedules"],
  schedule_preview: ["post", "/api/schedules/preview"],
  schedule_get: ["get", "/api/schedules/{id}"],
  schedule_replace: ["put", "/api/schedules/{id}"],
  schedule_delete: ["delete", "/api/schedules/{id}"],
  schedule_pause: ["post", "/api/schedules/{id}/pause"],
  schedule_resume: ["post", "/api/schedules/{id}/resume"],
  schedule_approve: ["post", "/api/schedules/{id}/approve"],
  role_list: ["get", "/api/roles"],
  role_get: ["get", "/api/roles/{id}"],
  role_create: ["post", "/api/roles"],
  role_update: ["patch", "/api/roles/{id}"],
  role_delete: ["delete", "/api/roles/{id}"],
  invitation_list: ["get", "/api/invitations"],
  invitation_create: ["post", "/api/invitations"],
  invitation_revoke: ["post", "/api/invitations/{id}/revoke"],
  invitation_peek: ["post", "/api/auth/invitation"],
  auth_register: ["post", "/api/auth/register"],
  auth_accept: ["post", "/api/auth/accept"],
  auth_reset: ["post", "/api/auth/reset"],
  auth_update: ["patch", "/api/auth/me"],
  auth_password: ["post", "/api/auth/password"],
  auth_switch: ["post", "/api/auth/switch"],
  session_list: ["get", "/api/auth/sessions"],
  session_revoke: ["delete", "/api/auth/sessions/{id}"],
  session_end_others: ["post", "/api/auth/sessions/end-others"],
  api_key_list: ["get", "/api/api-keys"],
  api_key_create: ["post", "/api/api-keys"],
  api_key_revoke: ["post", "/api/api-keys/{id}/revoke"],
  agent_approve: ["post", "/api/agents/{id}/approve"],
  agent_reject: ["post", "/api/agents/{id}/reject"],
  agent_quarantine: ["post", "/api/agents/{id}/quarantine"],
  agent_release: ["post", "/api/agents/{id}/release"],
  agent_rotate_key: ["post", "/api/agents/{id}/rotate-key"],
  agent_revoke_key: ["post", "/api/agents/{id}/revoke-key"],
  agent_adopt: ["post", "/api/agents/{id}/adopt"],
  finding_list: ["get", "/api/findings"],
  finding_dismiss: ["delete", "/api/findings/{id}"],
  install_report_list: ["get", "/api/install-reports"],
} as const satisfies Partial<Record<keyof operations, readonly ["get" | "post" | "put" | "patch" | "delete", string]>>;

export type Operation = keyof typeof ROUTES;

type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : undefined;
type Success<R> = R extends { 200: infer A }
  ? A
  : R extends { 201: infer B }
    ? B
    : R extends { 202: infer C }
      ? C
      : never;

/** What an operation answers; an operation without a body answers `undefined`. */
export type Answer<Op extends Operation> = [Success<operations[Op]["responses"]>] extends [never]
  ? undefined
  : Json<Success<operations[Op]["responses"]>>;

type Path<Op extends Operation> = operations[Op]["parameters"] extends { path: infer P }
  ? { path: P }
  : { path?: never };
export type Query<Op extends Operation> = operations[Op]["parameters"] extends { query?: infer Q }
  ? Exclude<Q, undefined>
  : never;
type Body<Op extends Operation> = operations[Op] extends { requestBody: { content: { "application/json": infer B } } }
  ? { body: B }
  : { body?: never };

/** What an operation takes: `path`, `query` and `body`, as far as it has them. */
export type Params<Op extends Operation> = Path<Op> & Body<Op> & { query?: Query<Op> };
