import * as z from "zod/mini";

export const SCRIPT_TABS = ["editor", "versions", "runs", "settings"] as const;
export type ScriptTab = (typeof SCRIPT_TABS)[number];

const number = z.catch(z.optional(z.coerce.number().check(z.int(), z.positive())), undefined);

export const scriptsSearch = z.object({
  search: z.catch(z.optional(z.string()), undefined),
  /** Those that were put away, instead of the others. */
  show: z.catch(z.optional(z.enum(["archived"])), undefined),
});

export const scriptSearch = z.object({
  tab: z.catch(z.optional(z.enum(SCRIPT_TABS)), undefined),
  /** The versions that are compared. */
  old: number,
  new: number,
});
