import { useQuery } from "@tanstack/react-query";
import { q } from "@/api/client";
import { useCannot } from "@/components/me";

/** The machines with these words, the clients and the sites with them in their names, as far as one may see them. */
export function useFound(search: string) {
  const query = { search, limit: 5 };
  const cannotSee = useCannot("agents.view");
  const cannotSeeClients = useCannot("clients.view");
  const cannotSeeSites = useCannot("sites.view");
  const machines = useQuery({
    ...q("agent_list", { query: { search, limit: 8 } }),
    enabled: search !== "" && !cannotSee,
    placeholderData: (before) => before,
  });
  const clients = useQuery({
    ...q("client_list", { query }),
    enabled: search !== "" && !cannotSeeClients,
    placeholderData: (before) => before,
  });
  const sites = useQuery({
    ...q("site_list", { query }),
    enabled: search !== "" && !cannotSeeSites,
    placeholderData: (before) => before,
  });
  const all = [machines, clients, sites];
  return {
    machines: machines.data?.items ?? [],
    clients: clients.data?.items ?? [],
    sites: sites.data?.items ?? [],
    isFetching: all.some(({ isFetching }) => isFetching),
    isError: all.some(({ isError }) => isError),
  };
}
