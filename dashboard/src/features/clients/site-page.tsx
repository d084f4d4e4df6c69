import { useIsMutating, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { q } from "@/api/client";
import { isForbidden, isMissing } from "@/api/problem";
import type { Site } from "@/api/types";
import { Id } from "@/components/copy";
import { Page } from "@/components/page";
import { Time } from "@/components/time";
import { useOrganisationZone } from "@/components/time-zone-picker";
import { plural } from "@/lib/format";
import { Facts, Panel } from "@/ui/panel";
import { KeysPanel } from "./keys-panel";
import { onlineWords } from "./machine-count";
import { NoPlace, PlaceLoading } from "./no-place";
import { LINK, useMachineFacts } from "./place-facts";
import { PlaceTabs } from "./place-tabs";
import { SiteActions } from "./site-actions";

/** One site. Another is another page: no dialog goes over from one to the other. */
export function SitePage() {
  const { id } = useParams({ from: "/app/sites/$id" });
  return <OneSite key={id} id={id} />;
}

function OneSite({ id }: { id: string }) {
  const { tab } = useSearch({ from: "/app/sites/$id" });
  const navigate = useNavigate({ from: "/sites/$id" });
  const isLeaving = useIsMutating({ mutationKey: ["site_delete"] }) > 0;
  const query = useQuery({ ...q("site_get", { path: { id } }), enabled: !isLeaving });
  const site = query.data;
  if (query.error && (!site || isMissing(query.error) || isForbidden(query.error)))
    return <NoPlace noun="site" error={query.error} onRetry={() => void query.refetch()} />;
  if (!site) return <PlaceLoading noun="site" />;
  const leave = () =>
    navigate({
      to: "/clients/$id",
      params: { id: site.client_id },
      search: { client_id: undefined, site_id: undefined, tab: undefined },
    });
  return (
    <Page
      title={site.name}
      heading={
        <h1 title={site.name} className="truncate font-semibold text-xl">
          {site.name}
        </h1>
      }
      subtitle={
        <p className="flex min-w-0 flex-wrap gap-x-2">
          <Link to="/clients/$id" params={{ id: site.client_id }} className="min-w-0 truncate hover:underline">
            {site.client_name}
          </Link>
          <span aria-hidden>·</span>
          <span>{onlineWords(site)}</span>
        </p>
      }
      actions={<SiteActions site={site} isOnPage onDeleted={leave} />}
    >
      <PlaceTabs
        label="Site"
        place={{ client_id: site.client_id, site_id: site.id }}
        tab={tab}
        onTab={(next) => void navigate({ search: (before) => ({ ...before, tab: next }), replace: true })}
        overview={<SiteOverview site={site} />}
      />
    </Page>
  );
}

function SiteOverview({ site }: { site: Site }) {
  const place = { client_id: site.client_id, site_id: site.id };
  const machines = useMachineFacts({ place, counts: site });
  const usual = useOrganisationZone();
  const days = site.remove_after_days;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Panel title="Site">
        <Facts
          items={[
            {
              name: "Client",
              value: (
                <Link to="/clients/$id" params={{ id: site.client_id }} className={LINK}>
                  {site.client_name}
                </Link>
              ),
            },
            ...machines,
            {
              name: "Offline machines",
              value: days == null ? "kept for ever" : `removed after ${plural(days, "day")}`,
            },
            {
              name: "Time zone",
              value: site.time_zone ?? (usual ? `${usual}, the organisation's` : "the organisation's"),
            },
            { name: "Created", value: <Time value={site.created_at} /> },
            { name: "Last changed", value: <Time value={site.updated_at} /> },
            { name: "Site id", value: <Id value={site.id} label="site id" /> },
          ]}
        />
      </Panel>
      <KeysPanel place={place} />
    </div>
  );
}
