import * as z from "zod/mini";

const text = z.catch(z.optional(z.string()), undefined);

export const ACCOUNT_TABS = ["you", "sign-ins", "access", "api-keys"] as const;

export const accountSearch = z.object({
  tab: z.catch(z.optional(z.enum(ACCOUNT_TABS)), undefined),
  /** The place that is asked about: a client, or a site of it. */
  at_client: text,
  at_site: text,
  show: z.catch(z.optional(z.enum(["allowed", "refused"])), undefined),
});

export type AccountTab = (typeof ACCOUNT_TABS)[number];
