import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Ellipsis, Monitor, Pencil, ScrollText, Trash2 } from "lucide-react";
import { useState } from "react";
import { pages, q } from "@/api/client";
import type { Client, Site } from "@/api/types";
import { openAddMachine } from "@/components/actions";
import { rowsOf } from "@/components/data-table/data-table";
import { ErrorView } from "@/components/feedback";
import { useCannot } from "@/components/me";
import { useAction } from "@/components/use-action";
import { plural } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Menu, MenuItem } from "@/ui/menu";
import { Skeleton } from "@/ui/panel";
import { SiteForm } from "./site-form";

interface SiteListProps {
  client: Client;
  onlySite: string | undefined;
  onCreate: () => void;
}

export function SiteList({ client, onlySite, onCreate }: SiteListProps) {
  return onlySite ? <OneSite client={client} id={onlySite} /> : <AllSites client={client} onCreate={onCreate} />;
}

/** Asked for by its id: a client may have more sites than one page of them. */
function OneSite({ client, id }: { client: Client; id: string }) {
  const query = useQuery(q("site_get", { path: { id } }));
  if (query.error && !query.data) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="mx-4 mb-3 h-8" />;
  return (
    <ul className="border-line border-t">
      <SiteRow client={client} site={query.data} />
    </ul>
  );
}

function AllSites({ client, onCreate }: { client: Client; onCreate: () => void }) {
  const cannot = useCannot("sites.edit", { clientId: client.id });
  const list = useInfiniteQuery(pages("site_list", { client_id: client.id }));
  const sites = rowsOf(list.data);
  if (list.isPending) return <Skeleton className="mx-4 mb-3 h-8" />;
  if (list.error && !list.data) return <ErrorView error={list.error} onRetry={() => void list.refetch()} />;
  if (sites.length === 0) {
    return (
      <p className="flex flex-wrap items-center gap-2 border-line border-t px-4 py-3 text-sm text-soft">
        No site yet. Machines belong to a site.
        <Button size="sm" disabledReason={cannot} onClick={onCreate}>
          Create the first site
        </Button>
      </p>
    );
  }
  return (
    <ul className="border-line border-t">
      {sites.map((site) => (
        <SiteRow key={site.id} client={client} site={site} />
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

function SiteRow({ client, site }: { client: Client; site: Site }) {
  const [dialog, setDialog] = useState<"edit" | "delete">();
  const place = { clientId: client.id, siteId: site.id };
  const cannotEdit = useCannot("sites.edit", place);
  const cannotAudit = useCannot("audit.view", place);
  const navigate = useNavigate();
  const cannotAdd = useCannot("site_keys.edit", place);
  const close = () => setDialog(undefined);
  const remove = useAction("site_delete", {
    stale: ["client_list", "client_get", "site_list", "site_get", "audit_event_list"],
    done: () => `${site.name} deleted`,
  });
  return (
    <li className="flex min-h-9 items-center gap-3 border-line border-b py-0.5 pr-3 pl-9 last:border-b-0 hover:bg-subtle">
      <Link
        to="/machines"
        search={{ client_id: client.id, site_id: site.id }}
        className="min-w-0 flex-1 truncate font-medium hover:underline"
      >
        {site.name}
      </Link>
      <span className="whitespace-nowrap text-soft text-xs">
        {site.agent_count === 0
          ? "no machines"
          : `${site.online_count} of ${plural(site.agent_count, "machine")} online`}
      </span>
      <Menu
        label={`Actions for ${site.name}`}
        trigger={
          <IconButton label={`Actions for ${site.name}`} size="sm">
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem disabledReason={cannotAdd} onSelect={() => openAddMachine(site.id)}>
          <Monitor /> Add a machine here…
        </MenuItem>
        <MenuItem disabledReason={cannotEdit} onSelect={() => setDialog("edit")}>
          <Pencil /> Rename, change…
        </MenuItem>
        <MenuItem
          disabledReason={cannotAudit}
          onSelect={() => void navigate({ to: "/audit", search: { client_id: client.id, site_id: site.id } })}
        >
          <ScrollText /> What was done to it
        </MenuItem>
        <MenuItem
          isDanger
          disabledReason={cannotEdit ?? (site.agent_count > 0 && "It has machines: move its machines first.")}
          onSelect={() => setDialog("delete")}
        >
          <Trash2 /> Delete…
        </MenuItem>
      </Menu>
      {dialog === "edit" && <SiteForm client={client} site={site} onClose={close} />}
      <ConfirmDialog
        isOpen={dialog === "delete"}
        onClose={close}
        title={`Delete ${site.name}?`}
        confirmLabel="Delete site"
        isPending={remove.isPending}
        onConfirm={() => remove.mutate({ path: { id: site.id } }, { onSettled: close })}
      >
        <p>Its site keys stop working. What was done to it stays in the audit.</p>
      </ConfirmDialog>
    </li>
  );
}
