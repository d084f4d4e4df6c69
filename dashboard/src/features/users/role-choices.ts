import { permissions } from "@/api/can";
import type { Member, Role, StoredGrant } from "@/api/types";
import { firstNotOwn, type Grant, isPermission, type Place, titleOf } from "@/components/can";

/** A role as a choice, with why it cannot be chosen. */
export interface RoleChoice {
  /** The id of an own role, or the name of a built-in one. */
  key: string;
  role: Role;
  disabledReason: string | undefined;
  /** How many of its permissions mean nothing at a place within the organisation. */
  idle: number;
}

export const roleKey = (role: Pick<Role, "id" | "built_in">): string => role.built_in ?? role.id ?? "";
const grantKey = (grant: StoredGrant): string => grant.built_in ?? grant.role_id ?? "";

interface Wish {
  effect: StoredGrant["effect"];
  place: Place;
  /** What whoever gives holds. */
  own: readonly Grant[];
  /** What the person has; nobody has anything before they joined. */
  theirs: Member["grants"];
}

/** What the server would refuse is not offered, and says why. */
export function roleChoices(roles: readonly Role[], wish: Wish): RoleChoice[] {
  return roles.map((role) => ({
    key: roleKey(role),
    role,
    disabledReason: whyNotThis(role, wish),
    idle: wish.place.clientId
      ? role.permissions.filter((name) => isPermission(name) && permissions[name].level === "organisation").length
      : 0,
  }));
}

function whyNotThis(role: Role, { effect, place, own, theirs }: Wish): string | undefined {
  const isThere = theirs.some(
    (grant) =>
      grant.effect === effect &&
      grantKey(grant) === roleKey(role) &&
      (grant.client_id ?? undefined) === place.clientId &&
      (grant.site_id ?? undefined) === place.siteId,
  );
  if (isThere) return effect === "allow" ? "They have it there already." : "It is denied there already.";
  if (role.built_in === "owner") {
    if (effect === "deny") return "Owners are not denied: take the role away instead.";
    if (place.clientId) return "Owners own the whole organisation: choose it as the place.";
    if (theirs.some((grant) => grant.effect === "deny"))
      return "Something is denied to them, and owners are denied nothing.";
  }
  if (effect === "deny") return undefined;
  const missing = firstNotOwn(own, role.permissions, place);
  return missing && `It includes “${titleOf(missing)}”, which you do not hold there yourself.`;
}
