import * as z from "zod/mini";
import { COMMAND_STATUSES } from "@/components/status";

export const COMMANDS_TABS = ["all", "waiting"] as const;
export type CommandsTab = (typeof COMMANDS_TABS)[number];

const known = new Set<string>(COMMAND_STATUSES);

/** `status` is a list with commas, as the server takes it; words it does not know are dropped. */
export const commandsSearch = z.object({
  tab: z.catch(z.optional(z.enum(COMMANDS_TABS)), undefined),
  search: z.catch(z.optional(z.string()), undefined),
  status: z.catch(
    z.pipe(
      z.optional(z.string()),
      z.transform((text) => {
        const words = text?.split(",").filter((word) => known.has(word)) ?? [];
        return words.length > 0 ? words.join(",") : undefined;
      }),
    ),
    undefined,
  ),
  period: z.catch(z.optional(z.enum(["1h", "24h", "7d", "30d"])), undefined),
});
