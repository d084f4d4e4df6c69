/**
 * What somebody may do, and where: the rule of crates/server/src/platform/auth/access.rs over their grants. The server
 * asks it again at every request; here it explains beforehand.
 */
import { type Permission, permissions } from "@/api/can";
import type { StoredGrant } from "@/api/types";

/** A client, or one of its sites; neither means the organisation as a whole. */
export interface Place {
  clientId?: string | undefined;
  siteId?: string | undefined;
}

/** What the rule reads of a grant. */
export type Grant = Pick<StoredGrant, "id" | "effect" | "permissions" | "client_id" | "site_id">;

export interface Decision {
  isAllowed: boolean;
  /** The grants that allow it, or those that deny it; none when nothing allows it. */
  because: string[];
}

export const ORGANISATION: Place = {};

export const isPermission = (name: string): name is Permission => Object.hasOwn(permissions, name);
export const ALL_PERMISSIONS = Object.keys(permissions) as Permission[];
export const titleOf = (name: string): string => (isPermission(name) ? permissions[name].title : name);

/** These with everything that they imply, in the order of the list. */
export function closed(names: Iterable<string>): Permission[] {
  const set = new Set<string>();
  for (const name of names) {
    set.add(name);
    if (isPermission(name)) for (const implied of permissions[name].implies) set.add(implied);
  }
  return ALL_PERMISSIONS.filter((name) => set.has(name));
}

export const placeOf = (grant: Pick<Grant, "client_id" | "site_id">): Place => ({
  clientId: grant.client_id ?? undefined,
  siteId: grant.site_id ?? undefined,
});

/** Whether the other lies within it, or is it. */
export function covers(place: Place, other: Place): boolean {
  if (place.siteId) return place.siteId === other.siteId;
  return !place.clientId || place.clientId === other.clientId;
}

const allows = (grant: Grant, permission: Permission): boolean =>
  grant.effect === "allow" && closed(grant.permissions ?? []).includes(permission);

/** What implies something that is denied falls with it. */
const denies = (grant: Grant, permission: Permission): boolean =>
  grant.effect === "deny" && closed([permission]).some((needed) => grant.permissions?.includes(needed));

export function decide(grants: readonly Grant[], permission: Permission, at: Place): Decision {
  const there = grants.filter((grant) => covers(placeOf(grant), at));
  const denying = there.filter((grant) => denies(grant, permission));
  if (denying.length > 0) return { isAllowed: false, because: denying.map(({ id }) => id) };
  const allowing = there.filter((grant) => allows(grant, permission));
  return { isAllowed: allowing.length > 0, because: allowing.map(({ id }) => id) };
}

/** Whether it is allowed at a place or anywhere within it; what has no place is asked of the organisation. */
export function isHeld(grants: readonly Grant[], permission: Permission, within: Place = ORGANISATION): boolean {
  if (permissions[permission].level === "organisation") return decide(grants, permission, ORGANISATION).isAllowed;
  // Something that is allowed somewhere is allowed at the place of one of the grants that give it.
  const places = grants.map(placeOf).filter((place) => covers(within, place));
  return [within, ...places].some((place) => decide(grants, permission, place).isAllowed);
}

/** What one would win by taking a machine from one place to another: a move must not be a way around what is denied. */
export const wonByMove = (own: readonly Grant[], from: Place, to: Place): Permission | undefined =>
  ALL_PERMISSIONS.find(
    (permission) => decide(own, permission, to).isAllowed && !decide(own, permission, from).isAllowed,
  );

/** Those of these, and of what they imply, that may not be passed on: not held there, or denied somewhere within. */
export function notOwn(own: readonly Grant[], names: Iterable<string>, at: Place): Permission[] {
  return closed(names).filter(
    (permission) =>
      !decide(own, permission, at).isAllowed ||
      own.some((grant) => denies(grant, permission) && covers(at, placeOf(grant))),
  );
}

/** Whether everything that somebody was given could be given by the holder of `own` too. */
export const mayTouch = (own: readonly Grant[], theirs: readonly Grant[]): boolean =>
  theirs.every((grant) => grant.effect === "deny" || notOwn(own, grant.permissions ?? [], placeOf(grant)).length === 0);
