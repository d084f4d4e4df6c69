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

/** The same within a client or a site, as what is narrowed to it: whether it may be done somewhere in it. */
export function whyNotIn(grants: readonly Grant[], permission: Permission, scope: Scope): string | undefined {
  if (isHeld(grants, permission, { clientId: scope.client_id, siteId: scope.site_id })) return undefined;
  // Of a site without its client nobody can tell: the grant may be on the client.
  if (scope.site_id && !scope.client_id) return whyNot(grants, permission);
  return isHeld(grants, permission) ? lacks(permission, " here") : lacks(permission);
}

type Placed = Pick<Machine, "place">;

/** Why it may not be done at the place of each: thousands of machines are at a few places. */
function whyNotEach(
  grants: readonly Grant[],
  permission: Permission,
  machines: readonly Placed[],
): (string | undefined)[] {
  const known = new Map<string, string | undefined>();
  return machines.map(({ place }) => {
    const key = `${place?.clientId}/${place?.siteId}`;
    if (!known.has(key)) known.set(key, whyNot(grants, permission, place));
    return known.get(key);
  });
}

/** Why it may not be done to all of these machines. */
export function whyNotAll(
  grants: readonly Grant[],
  permission: Permission,
  machines: readonly Placed[],
): string | undefined {
  const refused = whyNotEach(grants, permission, machines).filter((why) => why !== undefined);
  if (refused.length === 0) return undefined;
  if (refused.length === machines.length) return refused[0];
  return lacks(permission, ` on ${refused.length} of these ${plural(machines.length, "machine")}`);
}

/** Why it may be done to none of these machines; what may be done to some of them the server does to those. */
export function whyNotAny(
  grants: readonly Grant[],
  permission: Permission,
  machines: readonly Placed[],
): string | undefined {
  const whys = whyNotEach(grants, permission, machines);
  return whys.includes(undefined) ? undefined : whys[0];
}

export function useCannotIn(permission: Permission, scope: Scope): string | undefined {
  const me = useMe();
  return me && whyNotIn(me.grants, permission, scope);
}

export function useCannotAll(permission: Permission, machines: readonly Machine[]): string | undefined {
  const me = useMe();
  return me && whyNotAll(me.grants, permission, machines);
}

export function useCannotAny(permission: Permission, machines: readonly Machine[]): string | undefined {
  const me = useMe();
  return me && whyNotAny(me.grants, permission, machines);
}
