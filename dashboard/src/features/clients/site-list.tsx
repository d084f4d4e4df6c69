import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { pages, q } from "@/api/client";
import type { Client, Site } from "@/api/types";
import { rowsOf } from "@/components/data-table/data-table";
import { ErrorView } from "@/components/feedback";
import { useCannot } from "@/components/me";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/panel";
import { onlineWords } from "./machine-count";
import { SiteActions } from "./site-actions";
import { SiteForm } from "./site-form";

interface SiteListProps {
  client: Client;
  /** Shows this site alone. */
  onlySite?: string | undefined;
  /** Of each row: how far it is set in. */
  className?: string;
}

/** The sites of a client; each leads to its page. */
export function SiteList({ client, onlySite, className }: SiteListProps) {
  return onlySite ? (
    <OneSite id={onlySite} className={className} />
  ) : (
    <AllSites client={client} className={className} />
  );
}

type RowClass = { className: string | undefined };

/** Asked for by its id: a client may have more sites than one page of them. */
function OneSite({ id, className }: { id: string } & RowClass) {
  const query = useQuery(q("site_get", { path: { id } }));
  if (query.error && !query.data) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="mx-4 my-3 h-8" />;
  return (
    <ul>
      <SiteRow site={query.data} className={className} />
    </ul>
  );
}

function AllSites({ client, className }: { client: Client } & RowClass) {
  const list = useInfiniteQuery(pages("site_list", { client_id: client.id }));
  const sites = rowsOf(list.data);
  if (list.isPending) return <Skeleton className="mx-4 my-3 h-8" />;
  if (list.error && !list.data) return <ErrorView error={list.error} onRetry={() => void list.refetch()} />;
  if (sites.length === 0) return <NoSites client={client} />;
  return (
    <ul>
      {sites.map((site) => (
        <SiteRow key={site.id} site={site} className={className} />
      ))}
      {list.hasNextPage && (
        <li className="px-4 py-2">
          <Button size="sm" isPending={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more sites
          </Button>
        </li>
      )}
    </ul>
  );
}

function NoSites({ client }: { client: Client }) {
  const [isCreating, setCreating] = useState(false);
  const cannot = useCannot("sites.edit", { clientId: client.id });
  return (
    <p className="flex flex-wrap items-center gap-2 px-4 py-3 text-sm text-soft">
      No site yet. Machines belong to a site.
      <Button size="sm" disabledReason={cannot} onClick={() => setCreating(true)}>
        Create the first site
      </Button>
      {isCreating && <SiteForm client={client} onClose={() => setCreating(false)} />}
    </p>
  );
}

function SiteRow({ site, className }: { site: Site } & RowClass) {
  const cannotSee = useCannot("agents.view", { clientId: site.client_id, siteId: site.id });
  const words = onlineWords(site);
  return (
    <li
      className={cn(
        "flex min-h-9 items-center gap-3 border-line border-b py-0.5 pr-3 pl-4 last:border-b-0 hover:bg-subtle",
        className,
      )}
    >
      <span className="flex min-w-0 flex-1">
        <Link to="/sites/$id" params={{ id: site.id }} className="truncate py-1 font-medium hover:underline">
          {site.name}
        </Link>
      </span>
      <span className="whitespace-nowrap text-soft text-xs">
        {site.agent_count === 0 || cannotSee ? (
          words
        ) : (
          <Link
            to="/machines"
            search={{ client_id: site.client_id, site_id: site.id }}
            title={`Machines of ${site.name}`}
            className="py-1 hover:underline"
          >
            {words}
          </Link>
        )}
      </span>
      <SiteActions site={site} />
    </li>
  );
}
