import { useQuery } from "@tanstack/react-query";
import { type Permission, permissions } from "@/api/can";
import { q } from "@/api/client";
import type { Me } from "@/api/types";
import { plural } from "@/lib/format";
import { decide, type Grant, isHeld, type Place } from "./can";
import type { Machine } from "./each-machine";
import type { Scope } from "./scope";

export const meQuery = () => ({ ...q("auth_me", {}), staleTime: 5 * 60_000 });

export function useMe(): Me | undefined {
  return useQuery(meQuery()).data;
}

const NONE: Grant[] = [];

/** What the signed-in user was given. */
export const useOwnGrants = (): readonly Grant[] => useMe()?.grants ?? NONE;

const lacks = (permission: Permission, where = ""): string =>
  `Your account lacks the permission “${permissions[permission].title}”${where}.`;

/**
 * Why the signed-in user may not do it, or `undefined` when they may: at a place when one is named, else anywhere. A
 * place without client and site is the organisation.
 */
export function useCannot(permission: Permission, place?: Place): string | undefined {
  const me = useMe();
  return me && whyNot(me.grants, permission, place);
}

export function whyNot(grants: readonly Grant[], permission: Permission, place?: Place): string | undefined {
  if (!isHeld(grants, permission)) return lacks(permission);
  if (!place || permissions[permission].level === "organisation") return undefined;
  return decide(grants, permission, place).isAllowed ? undefined : lacks(permission, " here");
}

/** The same for a page that a client or a site narrows: whether it may be done somewhere in it. */
export function useCannotIn(permission: Permission, scope: Scope): string | undefined {
  const me = useMe();
  if (!me || isHeld(me.grants, permission, { clientId: scope.client_id, siteId: scope.site_id })) return undefined;
  // Of a site without its client nobody can tell: the grant may be on the client.
  if (scope.site_id && !scope.client_id) return whyNot(me.grants, permission);
  return isHeld(me.grants, permission) ? lacks(permission, " here") : lacks(permission);
}

/** Why it may not be done to all of these machines. */
export function useCannotAll(permission: Permission, machines: readonly Machine[]): string | undefined {
  const me = useMe();
  if (!me) return undefined;
  const refused = machines.filter(({ place }) => whyNot(me.grants, permission, place));
  if (refused.length === 0) return undefined;
  if (refused.length === machines.length) return whyNot(me.grants, permission, refused[0]?.place);
  return lacks(permission, ` on ${refused.length} of these ${plural(machines.length, "machine")}`);
}
