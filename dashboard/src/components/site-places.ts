import { useQuery } from "@tanstack/react-query";
import { q } from "@/api/client";
import { decide, ORGANISATION, type Place } from "./can";
import { useOwnGrants } from "./me";

/**
 * Sites by their ids, as places: what one may do at a site also depends on its client, which not every row names. Nobody
 * asks for whom everything is allowed everywhere; of a site that is not known nothing is said beforehand.
 */
export function useSitePlaces(): (siteId: string) => Place | undefined {
  const grants = useOwnGrants();
  const isWhole =
    decide(grants, "site_keys.edit", ORGANISATION).isAllowed && grants.every(({ effect }) => effect === "allow");
  const sites = useQuery({ ...q("site_list", { query: { limit: 200 } }), enabled: grants.length > 0 && !isWhole });
  return (siteId) => {
    const site = sites.data?.items.find(({ id }) => id === siteId);
    return site && { clientId: site.client_id, siteId };
  };
}
