import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useLocation, useSearch } from "@tanstack/react-router";
import { Building2, ChevronRight, MapPin, Network } from "lucide-react";
import { type ReactNode, useState } from "react";
import { pages } from "@/api/client";
import type { Client, Site } from "@/api/types";
import { rowsOf } from "@/components/data-table/data-table";
import type { Scope } from "@/components/scope";
import { cn } from "@/lib/cn";
import { useDebounced } from "@/lib/hooks";
import { SearchInput } from "@/ui/input";
import { Skeleton } from "@/ui/panel";

const SEARCH_FROM = 8;

/** The clients and their sites. What is chosen here narrows every page. */
export function ScopeTree({ onChosen }: { onChosen?: () => void }) {
  const scope = useSearch({ strict: false }) as Scope;
  const [search, setSearch] = useState("");
  const rested = useDebounced(search.trim(), 200);
  const query = useInfiniteQuery(pages("client_list", rested ? { search: rested } : {}));
  const clients = rowsOf(query.data);
  return (
    <nav aria-label="Clients" className="flex min-h-0 flex-1 flex-col">
      <h2 className="px-4 pt-3 pb-1 font-medium text-sidebar-soft text-xs">Clients</h2>
      {(clients.length > SEARCH_FROM || search !== "") && (
        <SearchInput
          value={search}
          onValue={setSearch}
          aria-label="Search clients"
          placeholder="Search clients"
          className="mx-2 mb-1"
        />
      )}
      <ul className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        <li>
          <ScopeLink scope={{}} isChosen={!scope.client_id && !scope.site_id} onChosen={onChosen} icon={<Network />}>
            All clients
          </ScopeLink>
        </li>
        {query.isPending && <TreeSkeleton />}
        {query.isError && !query.data && (
          <li className="px-2 py-1 text-sidebar-soft text-xs">
            The clients could not be loaded.{" "}
            <button type="button" className="font-medium underline" onClick={() => void query.refetch()}>
              Try again
            </button>
          </li>
        )}
        {clients.map((client) => (
          <ClientBranch key={client.id} client={client} scope={scope} onChosen={onChosen} />
        ))}
        {rested !== "" && clients.length === 0 && !query.isPending && (
          <li className="px-2 py-1 text-sidebar-soft text-xs">No client has this name.</li>
        )}
        {query.hasNextPage && (
          <li>
            <button
              type="button"
              className="h-7 w-full rounded px-2 text-left text-sidebar-soft text-xs hover:bg-sidebar-hover"
              onClick={() => void query.fetchNextPage()}
            >
              Show more clients
            </button>
          </li>
        )}
      </ul>
    </nav>
  );
}

interface BranchProps {
  client: Client;
  scope: Scope;
  onChosen: (() => void) | undefined;
}

function ClientBranch({ client, scope, onChosen }: BranchProps) {
  const [isToggled, setToggled] = useState<boolean>();
  const isOpen = isToggled ?? scope.client_id === client.id;
  return (
    <li>
      <div className="flex items-center">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={`Sites of ${client.name}`}
          onClick={() => setToggled(!isOpen)}
          className="flex size-6 shrink-0 items-center justify-center rounded text-sidebar-soft hover:bg-sidebar-hover max-md:size-9"
        >
          <ChevronRight className={cn("size-3.5 transition-transform", isOpen && "rotate-90")} />
        </button>
        <ScopeLink
          scope={{ client_id: client.id }}
          isChosen={scope.client_id === client.id && !scope.site_id}
          onChosen={onChosen}
          icon={<Building2 />}
          counts={client}
        >
          {client.name}
        </ScopeLink>
      </div>
      {isOpen && <SiteLeaves clientId={client.id} scope={scope} onChosen={onChosen} />}
    </li>
  );
}

function SiteLeaves({
  clientId,
  scope,
  onChosen,
}: {
  clientId: string;
  scope: Scope;
  onChosen: (() => void) | undefined;
}) {
  const query = useInfiniteQuery(pages("site_list", { client_id: clientId }));
  const sites = rowsOf(query.data);
  return (
    <ul className="pl-5">
      {query.isPending && <TreeSkeleton />}
      {sites.map((site) => (
        <li key={site.id}>
          <ScopeLink
            scope={{ client_id: clientId, site_id: site.id }}
            isChosen={scope.site_id === site.id}
            onChosen={onChosen}
            icon={<MapPin />}
            counts={site}
          >
            {site.name}
          </ScopeLink>
        </li>
      ))}
      {query.isError && !query.data && (
        <li className="px-2 py-1 text-sidebar-soft text-xs">
          The sites could not be loaded.{" "}
          <button type="button" className="font-medium underline" onClick={() => void query.refetch()}>
            Try again
          </button>
        </li>
      )}
      {query.data && sites.length === 0 && <li className="px-2 py-1 text-sidebar-soft text-xs">No sites yet</li>}
      {query.hasNextPage && (
        <li>
          <button
            type="button"
            className="px-2 text-sidebar-soft text-xs underline"
            onClick={() => void query.fetchNextPage()}
          >
            Show more sites
          </button>
        </li>
      )}
    </ul>
  );
}

interface ScopeLinkProps {
  scope: Scope;
  isChosen: boolean;
  onChosen: (() => void) | undefined;
  icon: ReactNode;
  counts?: Pick<Client | Site, "agent_count" | "online_count">;
  children: string;
}

type Target = { to: "." | "/machines" | "/commands" | "/clients" } | { to: "/clients/$id" | "/sites/$id"; id: string };

/**
 * Stays on the page and narrows it. From one machine or command it goes to their list, from one client or site to the one
 * that is chosen.
 */
function targetOf(path: string, { client_id, site_id }: Scope): Target {
  if (path.startsWith("/machines/")) return { to: "/machines" };
  if (path.startsWith("/commands/")) return { to: "/commands" };
  if (!path.startsWith("/clients/") && !path.startsWith("/sites/")) return { to: "." };
  if (site_id) return { to: "/sites/$id", id: site_id };
  return client_id ? { to: "/clients/$id", id: client_id } : { to: "/clients" };
}

function ScopeLink({ scope, isChosen, onChosen, icon, counts, children }: ScopeLinkProps) {
  const path = useLocation({ select: (location) => location.pathname });
  const target = targetOf(path, scope);
  return (
    <Link
      to={target.to}
      params={"id" in target ? { id: target.id } : {}}
      search={(before: object) => ({
        ...(target.to === "." ? before : {}),
        client_id: scope.client_id,
        site_id: scope.site_id,
      })}
      onClick={onChosen}
      aria-current={isChosen ? "true" : undefined}
      activeProps={{}}
      title={counts ? `${children}: ${counts.online_count} of ${counts.agent_count} online` : undefined}
      className={cn(
        "flex h-7 min-w-0 flex-1 items-center gap-2 rounded px-2 text-sidebar-ink text-sm max-md:h-10 [&_svg]:size-3.5 [&_svg]:shrink-0 [&_svg]:text-sidebar-soft",
        isChosen ? "bg-sidebar-active font-medium" : "hover:bg-sidebar-hover",
      )}
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {counts && counts.agent_count > 0 && (
        <span className="shrink-0 text-2xs text-sidebar-soft">
          {counts.online_count}/{counts.agent_count}
          <span className="sr-only"> online</span>
        </span>
      )}
    </Link>
  );
}

function TreeSkeleton() {
  return (
    <li aria-hidden className="flex flex-col gap-2.5 px-2 py-2">
      <Skeleton className="h-3 w-4/5" />
      <Skeleton className="h-3 w-3/5" />
      <Skeleton className="h-3 w-2/3" />
    </li>
  );
}
