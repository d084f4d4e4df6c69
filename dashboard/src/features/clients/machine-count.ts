import type { Client } from "@/api/types";
import { plural } from "@/lib/format";

/** How many machines a client or a site has, and how many of them are there. */
export function onlineWords({ agent_count, online_count }: Pick<Client, "agent_count" | "online_count">): string {
  return agent_count === 0 ? "no machines" : `${online_count} of ${plural(agent_count, "machine")} online`;
}
