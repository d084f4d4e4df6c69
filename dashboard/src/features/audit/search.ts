import * as z from "zod/mini";

const text = z.catch(z.optional(z.string()), undefined);

/** The filters stand in the address, so that what one sees can be sent to somebody. */
export const auditSearch = z.object({
  search: text,
  action: text,
  outcome: z.catch(z.optional(z.enum(["done", "refused"])), undefined),
  actor_id: text,
  target_id: text,
  session_id: text,
  period: z.catch(z.optional(z.enum(["1h", "24h", "7d", "30d"])), undefined),
});

export type AuditSearch = z.infer<typeof auditSearch>;

/** What narrows the list without a field of its own in the bar. */
export const NARROWINGS = ["actor_id", "target_id", "session_id"] as const;
export type Narrowing = (typeof NARROWINGS)[number];
