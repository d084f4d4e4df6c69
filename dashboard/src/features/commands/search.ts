import * as z from "zod/mini";
import { statusSearch } from "@/components/command/status-search";
import { COMMAND_RUN_STATUSES } from "@/components/status";

export const COMMANDS_TABS = ["all", "waiting", "runs"] as const;
export type CommandsTab = (typeof COMMANDS_TABS)[number];

export const commandsSearch = z.object({
  tab: z.catch(z.optional(z.enum(COMMANDS_TABS)), undefined),
  search: z.catch(z.optional(z.string()), undefined),
  status: statusSearch,
  period: z.catch(z.optional(z.enum(["1h", "24h", "7d", "30d"])), undefined),
  /** Of runs. */
  run_status: z.catch(z.optional(z.enum(COMMAND_RUN_STATUSES)), undefined),
});
