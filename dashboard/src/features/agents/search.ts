import * as z from "zod/mini";

const text = z.catch(z.optional(z.string()), undefined);

export const AGENT_SORTS = [
  "name",
  "status",
  "os",
  "client",
  "site",
  "cpu",
  "memory",
  "disk",
  "last_seen",
  "enrolled",
] as const;
export const AGENT_STATES = ["active", "waiting", "quarantined", "revoked", "left"] as const;
export const MACHINE_TABS = ["overview", "metrics", "network", "commands", "capabilities", "audit"] as const;
export const RANGES = ["15m", "1h", "6h", "24h", "7d", "30d", "90d", "1y"] as const;

export const machinesSearch = z.object({
  search: text,
  status: z.catch(z.optional(z.enum(["online", "offline"])), undefined),
  state: z.catch(z.optional(z.enum(AGENT_STATES)), undefined),
  os: z.catch(z.optional(z.enum(["linux", "windows", "macos"])), undefined),
  sort: z.catch(z.optional(z.enum(AGENT_SORTS)), undefined),
  order: z.catch(z.optional(z.enum(["asc", "desc"])), undefined),
  site_key_id: text,
  /** Several are separated by commas. */
  tag: text,
  /** `<id of a custom field>:<value>` */
  field: text,
});

export const machineSearch = z.object({
  tab: z.catch(z.optional(z.enum(MACHINE_TABS)), undefined),
  range: z.catch(z.optional(z.enum(RANGES)), undefined),
  command: text,
});

export type MachinesSearch = z.infer<typeof machinesSearch>;
export type MachineTab = (typeof MACHINE_TABS)[number];
export type Range = (typeof RANGES)[number];

/** What is set of an address, as the texts that stand in it. */
export function textsOf(search: object): Record<string, string> {
  const set = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return Object.fromEntries(set.map(([name, value]) => [name, String(value)]));
}
