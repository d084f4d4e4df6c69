import * as z from "zod/mini";

export const ENROLMENT_TABS = ["waiting", "findings", "held", "failed", "history"] as const;
export type EnrolmentTab = (typeof ENROLMENT_TABS)[number];

const optional = <T extends readonly [string, ...string[]]>(values: T) =>
  z.catch(z.optional(z.enum(values)), undefined);

export const FINDING_KINDS = ["duplicate_hostname", "known_hardware", "sandbox", "clone"] as const;

/** The tab and its filters stand in the address. */
export const enrolmentSearch = z.object({
  tab: optional(ENROLMENT_TABS),
  kind: optional(FINDING_KINDS),
  action: z.catch(z.optional(z.string()), undefined),
});
