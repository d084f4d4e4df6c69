import { useQuery } from "@tanstack/react-query";
import { q } from "@/api/client";
import { useCannot, useMe } from "../me";

/** That all commands of the organisation were stopped: since when, by whom, why. */
export interface Stopped {
  at: string;
  by: string;
  reason: string;
}

/** Nothing while commands may start. Who may not see the organisation's settings hears it from the server's refusal alone. */
export function useStopped(isAsked = true): Stopped | undefined {
  const me = useMe();
  const cannotSee = useCannot("organisation.view");
  const { data } = useQuery({ ...q("organisation_get", {}), enabled: isAsked && me !== undefined && !cannotSee });
  if (cannotSee || !data?.commands_stopped_at) return undefined;
  return {
    at: data.commands_stopped_at,
    by: data.commands_stopped_by ?? "Somebody",
    reason: data.commands_stopped_reason ?? "",
  };
}

/** Why no command can be run now. */
export function useWhyStopped(isAsked = true): string | undefined {
  const stopped = useStopped(isAsked);
  return stopped && `${stopped.by} stopped all commands${stopped.reason ? `: ${ended(stopped.reason)}` : "."}`;
}

const ended = (reason: string): string => (/[.!?]$/.test(reason) ? reason : `${reason}.`);
