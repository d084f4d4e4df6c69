import * as z from "zod/mini";

const text = z.catch(z.optional(z.string()), undefined);

export const USER_TABS = ["roles", "access", "sign-ins", "audit"] as const;

export const usersSearch = z.object({ search: text });

export const userSearch = z.object({
  tab: z.catch(z.optional(z.enum(USER_TABS)), undefined),
  /** The place that is asked about: a client, or a site of it. */
  at_client: text,
  at_site: text,
  show: z.catch(z.optional(z.enum(["allowed", "refused"])), undefined),
});

export type UserTab = (typeof USER_TABS)[number];
