import { useQuery } from "@tanstack/react-query";
import { q } from "@/api/client";
import type { Me } from "@/api/types";

export const meQuery = () => ({ ...q("auth_me", {}), staleTime: 5 * 60_000 });

export function useMe(): Me | undefined {
  return useQuery(meQuery()).data;
}

/** The permissions as the server names them; it checks each again, this only explains beforehand. */
export type Permission =
  | "agents.view"
  | "agents.edit"
  | "agents.delete"
  | "commands.view"
  | "commands.run"
  | "clients.view"
  | "clients.edit"
  | "sites.view"
  | "sites.edit"
  | "site_keys.view"
  | "site_keys.edit"
  | "audit.view"
  | "audit.export"
  | "organisation.view"
  | "organisation.edit";

/** Why the signed-in user may not do it, or `undefined` when they may. */
export function useCannot(permission: Permission): string | undefined {
  const me = useMe();
  if (!me || me.permissions.includes(permission)) return undefined;
  return `Your account lacks the permission ${permission}.`;
}
