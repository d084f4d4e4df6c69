import { decide, isHeld, ORGANISATION, type Place, placeOf } from "@/components/can";
import { useOwnGrants } from "@/components/me";
import { useFullScope } from "@/components/scope";

/** Where a new schedule works unless another place is chosen: what is looked at, else the organisation, or for want of that the first place where one may. */
export function useStartPlace(): Place {
  const { client_id: clientId, site_id: siteId } = useFullScope();
  const grants = useOwnGrants();
  if (clientId) return { clientId, ...(siteId ? { siteId } : {}) };
  const mayAt = (place: Place) => decide(grants, "schedules.edit", place).isAllowed;
  if (mayAt(ORGANISATION) || !isHeld(grants, "schedules.edit")) return ORGANISATION;
  // A site of which the client is unknown cannot be told apart from others of its client.
  const places = grants.map(placeOf).filter((place) => place.clientId && mayAt(place));
  return places[0] ?? ORGANISATION;
}
