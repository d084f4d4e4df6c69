import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { q } from "@/api/client";
import type { Client } from "@/api/types";
import { useCannotIn } from "@/components/me";
import { type Scope, scopeOf } from "@/components/scope";
import { plural } from "@/lib/format";
import { onlineWords } from "./machine-count";

export const LINK = "font-medium text-accent-text hover:underline";

interface MachineFactsProps {
  /** The client, or the site with its client. */
  place: Scope;
  counts: Pick<Client, "agent_count" | "online_count">;
}

/** How many machines there are, and how many of them somebody should look at; each number leads to them. */
export function useMachineFacts({ place, counts }: MachineFactsProps): { name: string; value: ReactNode }[] {
  const cannotSee = useCannotIn("agents.view", place);
  const summary = useQuery({
    ...q("agent_summary", { query: scopeOf(place) }),
    enabled: !cannotSee && counts.agent_count > 0,
  });
  if (cannotSee || counts.agent_count === 0) return [{ name: "Machines", value: onlineWords(counts) }];
  const search = { client_id: place.client_id, site_id: place.site_id };
  const { waiting = 0, quarantined = 0 } = summary.data ?? {};
  return [
    {
      name: "Machines",
      value: (
        <Link to="/machines" search={search} className={LINK}>
          {onlineWords(counts)}
        </Link>
      ),
    },
    ...(waiting > 0
      ? [
          {
            name: "Waiting",
            value: (
              <Link to="/enrolment" search={search} className={LINK}>
                {plural(waiting, "machine")} to be let in
              </Link>
            ),
          },
        ]
      : []),
    ...(quarantined > 0
      ? [
          {
            name: "Quarantined",
            value: (
              <Link to="/machines" search={{ ...search, state: "quarantined" }} className={LINK}>
                {plural(quarantined, "machine")}
              </Link>
            ),
          },
        ]
      : []),
  ];
}
