import { useIsMutating, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { q } from "@/api/client";
import { isForbidden, isMissing } from "@/api/problem";
import type { Client } from "@/api/types";
import { Id } from "@/components/copy";
import { useCannotIn } from "@/components/me";
import { Page } from "@/components/page";
import { Time } from "@/components/time";
import { plural } from "@/lib/format";
import { Facts, Panel } from "@/ui/panel";
import { ClientActions } from "./client-actions";
import { KIND_WORD, KindMark } from "./client-form";
import { KeysPanel } from "./keys-panel";
import { onlineWords } from "./machine-count";
import { NoPlace, PlaceLoading } from "./no-place";
import { useMachineFacts } from "./place-facts";
import { PlaceTabs } from "./place-tabs";
import { SiteList } from "./site-list";

/** One client. Another is another page: no dialog goes over from one to the other. */
export function ClientPage() {
  const { id } = useParams({ from: "/app/clients/$id" });
  return <OneClient key={id} id={id} />;
}

function OneClient({ id }: { id: string }) {
  const { tab } = useSearch({ from: "/app/clients/$id" });
  const navigate = useNavigate({ from: "/clients/$id" });
  const isLeaving = useIsMutating({ mutationKey: ["client_delete"] }) > 0;
  const query = useQuery({ ...q("client_get", { path: { id } }), enabled: !isLeaving });
  const client = query.data;
  if (query.error && (!client || isMissing(query.error) || isForbidden(query.error)))
    return <NoPlace noun="client" error={query.error} onRetry={() => void query.refetch()} />;
  if (!client) return <PlaceLoading noun="client" />;
  return (
    <Page
      title={client.name}
      heading={
        <div className="flex flex-wrap items-center gap-x-3">
          <h1 title={client.name} className="min-w-0 truncate font-semibold text-xl">
            {client.name}
          </h1>
          <KindMark kind={client.kind} />
        </div>
      }
      subtitle={`${plural(client.site_count, "site")} · ${onlineWords(client)}`}
      actions={
        <ClientActions
          client={client}
          size="md"
          onDeleted={() => navigate({ to: "/clients", search: { client_id: undefined, site_id: undefined } })}
        />
      }
    >
      <PlaceTabs
        label="Client"
        place={{ client_id: client.id }}
        tab={tab}
        onTab={(next) => void navigate({ search: (before) => ({ ...before, tab: next }), replace: true })}
        overview={<ClientOverview client={client} />}
      />
    </Page>
  );
}

function ClientOverview({ client }: { client: Client }) {
  const place = { client_id: client.id };
  const machines = useMachineFacts({ place, counts: client });
  const cannotSeeSites = useCannotIn("sites.view", place);
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-4">
        <Panel title="Client">
          <Facts
            items={[
              { name: "Kind", value: KIND_WORD[client.kind] },
              ...machines,
              { name: "Created", value: <Time value={client.created_at} /> },
              { name: "Last changed", value: <Time value={client.updated_at} /> },
              { name: "Client id", value: <Id value={client.id} label="client id" /> },
            ]}
          />
        </Panel>
        <KeysPanel place={place} />
      </div>
      {!cannotSeeSites && (
        <Panel title="Sites" bodyClassName="p-0">
          <SiteList client={client} />
        </Panel>
      )}
    </div>
  );
}
