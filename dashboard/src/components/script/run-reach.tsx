import { useQuery } from "@tanstack/react-query";
import { q } from "@/api/client";
import type { CommandRunTargets } from "@/api/types";
import type { Place } from "../can";
import { RunPreview } from "../command-run/run-preview";
import { useMe, whyNot } from "../me";
import type { Where } from "./use-cannot-run-script";

/** What a run on many would reach. The server tells it to those who may run any command there: to others it would tell too little. */
export function RunReach({ where, targets }: { where: Where; targets: CommandRunTargets }) {
  const isAsked = useMayAsk(where);
  const preview = useQuery({ ...q("command_run_preview", { body: { targets } }), gcTime: 0, enabled: isAsked });
  return isAsked ? <RunPreview query={preview} /> : null;
}

function useMayAsk({ machines, all }: Where): boolean {
  const me = useMe();
  if (!me) return false;
  const may = (place: Place | undefined) => !whyNot(me.grants, "commands.run", place);
  if (all) return may({ clientId: all.filter.client_id ?? undefined, siteId: all.filter.site_id ?? undefined });
  return machines.every(({ place }) => may(place));
}
