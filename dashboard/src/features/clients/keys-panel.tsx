import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { q } from "@/api/client";
import type { SiteKey } from "@/api/types";
import { ErrorView } from "@/components/feedback";
import { useCannotIn } from "@/components/me";
import { type Scope, scopeOf } from "@/components/scope";
import { SiteKeyState } from "@/components/status";
import { Time } from "@/components/time";
import { Button } from "@/ui/button";
import { Panel, Skeleton } from "@/ui/panel";

/** The newest few: the page of the keys has them all. */
const SHOWN = 5;

/** The keys with which machines join a client or a site; nothing for whoever may not see keys there. */
export function KeysPanel({ place }: { place: Scope }) {
  return useCannotIn("site_keys.view", place) ? null : <Keys place={place} />;
}

function Keys({ place }: { place: Scope }) {
  const keys = useQuery(q("site_key_list", { query: { ...scopeOf(place), limit: SHOWN } }));
  return (
    <Panel
      title="Site keys"
      bodyClassName="p-0"
      actions={
        <Button size="sm" asChild>
          <Link to="/site-keys" search={{ client_id: place.client_id, site_id: place.site_id }}>
            All site keys
          </Link>
        </Button>
      }
    >
      {keys.error && !keys.data ? (
        <ErrorView error={keys.error} onRetry={() => void keys.refetch()} />
      ) : !keys.data ? (
        <Skeleton className="m-4 h-8" />
      ) : keys.data.items.length === 0 ? (
        <p className="px-4 py-3 text-soft text-sm">No site key yet. Adding a machine makes one.</p>
      ) : (
        <ul>
          {keys.data.items.map((key) => (
            <KeyRow key={key.id} siteKey={key} isSiteShown={!place.site_id} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function KeyRow({ siteKey, isSiteShown }: { siteKey: SiteKey; isSiteShown: boolean }) {
  return (
    <li className="flex items-center gap-3 border-line border-b px-4 py-1.5 text-sm last:border-b-0">
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{siteKey.name}</span>
        <span className="block truncate text-soft text-xs">
          {isSiteShown && `${siteKey.site_name} · `}
          made <Time value={siteKey.created_at} /> · used {siteKey.use_count}
          {siteKey.max_uses != null && ` of ${siteKey.max_uses}`}
        </span>
      </span>
      <SiteKeyState state={siteKey.state} />
    </li>
  );
}
