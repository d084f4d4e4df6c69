import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Building2, Plus, SearchX } from "lucide-react";
import { useState } from "react";
import { pages, q } from "@/api/client";
import { ORGANISATION } from "@/components/can";
import { rowsOf } from "@/components/data-table/data-table";
import { EmptyState, ErrorView } from "@/components/feedback";
import { useCannot } from "@/components/me";
import { FilterBar, Page, PageBody } from "@/components/page";
import { useSearchText } from "@/components/use-search-text";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { SearchInput } from "@/ui/input";
import { Skeleton } from "@/ui/panel";
import { ClientCard } from "./client-card";
import { ClientForm } from "./client-form";

/** The customers and their places. A chosen client or site narrows this page too. */
export function ClientsPage() {
  const search = useSearch({ from: "/app/clients" });
  const navigate = useNavigate({ from: "/clients" });
  const [text, setText] = useSearchText(
    search.search,
    (next) => void navigate({ search: (before) => ({ ...before, search: next }), replace: true }),
  );
  const [isCreating, setCreating] = useState(false);
  const cannot = useCannot("clients.edit", ORGANISATION);
  const site = useQuery({ ...q("site_get", { path: { id: search.site_id ?? "" } }), enabled: Boolean(search.site_id) });
  const clientId = search.client_id ?? site.data?.client_id;
  const isNarrowed = Boolean(search.client_id || search.site_id);
  return (
    <Page
      title="Clients and sites"
      actions={
        <Button disabledReason={cannot} onClick={() => setCreating(true)}>
          <Plus /> New client
        </Button>
      }
    >
      {!isNarrowed && (
        <FilterBar>
          <SearchInput
            value={text}
            onValue={setText}
            aria-label="Find a client"
            placeholder="Name of the client"
            className="w-64 max-sm:w-full"
          />
        </FilterBar>
      )}
      <PageBody>
        {isNarrowed ? (
          clientId ? (
            <OneClient id={clientId} siteId={search.site_id} />
          ) : site.error ? (
            <ErrorView error={site.error} onRetry={() => void site.refetch()} />
          ) : (
            <Loading />
          )
        ) : (
          <AllClients search={search.search} onCreate={() => setCreating(true)} />
        )}
      </PageBody>
      {isCreating && <ClientForm onClose={() => setCreating(false)} />}
    </Page>
  );
}

function OneClient({ id, siteId }: { id: string; siteId: string | undefined }) {
  const query = useQuery(q("client_get", { path: { id } }));
  if (query.error && !query.data) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Loading />;
  return <ClientCard client={query.data} onlySite={siteId} isOpenAtFirst />;
}

function AllClients({ search, onCreate }: { search: string | undefined; onCreate: () => void }) {
  const list = useInfiniteQuery(pages("client_list", search ? { search } : {}));
  const cannot = useCannot("clients.edit", ORGANISATION);
  const clients = rowsOf(list.data);
  if (list.error && !list.data) return <ErrorView error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <Loading />;
  if (clients.length === 0) {
    return search ? (
      <EmptyState icon={SearchX} title="Nothing matches">
        No client has “{search}” in its name.
      </EmptyState>
    ) : (
      <EmptyState
        icon={Building2}
        title="No client yet"
        action={
          <Button variant="primary" disabledReason={cannot} onClick={onCreate}>
            <Plus /> Create the first
          </Button>
        }
      >
        A client is a customer, or your own company. Its sites are its places; machines belong to a site.
      </EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      {clients.map((client) => (
        <ClientCard key={client.id} client={client} isOpenAtFirst={clients.length <= 3} />
      ))}
      <p className="flex items-center gap-3 text-soft text-xs">
        {plural(clients.length, "client")}
        {list.hasNextPage && " shown"}
        {list.hasNextPage && (
          <Button size="sm" isPending={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        )}
      </p>
    </div>
  );
}

function Loading() {
  return (
    <div aria-hidden className="flex flex-col gap-3">
      <Skeleton className="h-12 rounded-lg" />
      <Skeleton className="h-12 rounded-lg" />
      <Skeleton className="h-12 rounded-lg" />
    </div>
  );
}
