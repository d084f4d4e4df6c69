/** Every operation that can be called: those of operations.ts, and those by which machines are let in and kept away. */
import { ROUTES as OTHERS } from "./operations";
import type { operations } from "./schema";

const ENROLMENT = {
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

export const ROUTES = { ...OTHERS, ...ENROLMENT } as const;

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
