import { useInfiniteQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { pages } from "@/api/client";
import type { SiteKey } from "@/api/types";
import type { Column } from "@/components/data-table/column";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { useCannot, useCannotIn } from "@/components/me";
import { Page } from "@/components/page";
import { useFullScope, useScope } from "@/components/scope";
import { useSitePlaces } from "@/components/site-places";
import { SiteKeyState } from "@/components/status";
import { Time } from "@/components/time";
import { useAction } from "@/components/use-action";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { CreateKeyDialog } from "./create-key-dialog";

const keyId = (key: SiteKey) => key.id;

const uses = (key: SiteKey) =>
  key.max_uses === null || key.max_uses === undefined ? `${key.use_count}` : `${key.use_count} of ${key.max_uses}`;

const COLUMNS: Column<SiteKey>[] = [
  {
    id: "name",
    header: "Name",
    width: 150,
    isGrowing: true,
    cell: (key) => <span className="font-medium">{key.name}</span>,
  },
  { id: "state", header: "State", width: 105, cell: (key) => <SiteKeyState state={key.state} /> },
  {
    id: "site",
    header: "Site",
    width: 170,
    isGrowing: true,
    cell: (key) => (
      <span className="text-soft">
        {key.client_name} › {key.site_name}
      </span>
    ),
  },
  {
    id: "prefix",
    header: "Begins with",
    width: 175,
    cell: (key) => <code className="font-mono text-xs">{key.prefix}…</code>,
  },
  { id: "uses", header: "Used", width: 80, align: "right", cell: uses },
  { id: "last", header: "Last used", width: 105, cell: (key) => <Time value={key.last_used_at} empty="never" /> },
  { id: "expires", header: "Expires", width: 105, cell: (key) => <Time value={key.expires_at} empty="never" /> },
  { id: "by", header: "Created by", width: 130, cell: (key) => key.created_by_name ?? "—" },
];

/** Why a key cannot be revoked. */
const doneReason = (key: SiteKey): string | undefined =>
  key.state === "active"
    ? undefined
    : {
        revoked: "It is revoked already.",
        expired: "It has expired; nobody can use it.",
        used_up: "It is used up; nobody can use it.",
      }[key.state];

/** The keys with which machines join sites. */
export function SiteKeysPage() {
  const scope = useScope();
  const list = useInfiniteQuery(pages("site_key_list", scope));
  const [isCreating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<SiteKey>();
  const cannot = useCannotIn("site_keys.edit", useFullScope());
  const revoke = useAction("site_key_revoke", {
    stale: ["site_key_list", "audit_event_list"],
    done: (key) => `${key.name} revoked`,
  });
  const columns = useMemo<Column<SiteKey>[]>(
    () => [
      ...COLUMNS,
      {
        id: "actions",
        header: "Action",
        width: 90,
        cell: (key) => <RevokeButton siteKey={key} onRevoke={() => setRevoking(key)} />,
      },
    ],
    [],
  );
  return (
    <Page
      title="Site keys"
      subtitle="With a site key a machine joins its site. Keep keys short-lived."
      actions={
        <Button disabledReason={cannot} onClick={() => setCreating(true)}>
          <Plus /> New site key
        </Button>
      }
    >
      <DataTable
        label="Site keys"
        noun="keys"
        query={list}
        view={scope}
        columns={columns}
        rowId={keyId}
        rowLabel={(key) => key.name}
        compact={(key) => (
          <div className="flex items-center gap-2">
            <div className="min-w-0 flex-1">
              <p className="flex items-center gap-2">
                <span className="truncate font-medium">{key.name}</span>
                <SiteKeyState state={key.state} />
              </p>
              <p className="truncate text-soft text-xs">
                {key.site_name} · used {uses(key)}
              </p>
            </div>
            <RevokeButton siteKey={key} onRevoke={() => setRevoking(key)} />
          </div>
        )}
        empty={
          <EmptyState
            icon={KeyRound}
            title="No site key yet"
            action={
              <Button variant="primary" disabledReason={cannot} onClick={() => setCreating(true)}>
                <Plus /> Create the first
              </Button>
            }
          >
            Adding a machine makes a key for one use by itself. Create one here to install on many machines.
          </EmptyState>
        }
      />
      {isCreating && <CreateKeyDialog siteId={scope.site_id} onClose={() => setCreating(false)} />}
      <ConfirmDialog
        isOpen={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title={`Revoke ${revoking?.name ?? ""}?`}
        confirmLabel="Revoke key"
        isPending={revoke.isPending}
        onConfirm={() =>
          revoking && revoke.mutate({ path: { id: revoking.id } }, { onSettled: () => setRevoking(undefined) })
        }
      >
        <p>No machine can join with it any more. Machines that have joined stay. This cannot be undone.</p>
      </ConfirmDialog>
    </Page>
  );
}

function RevokeButton({ siteKey, onRevoke }: { siteKey: SiteKey; onRevoke: () => void }) {
  const placeOf = useSitePlaces();
  const cannot = useCannot("site_keys.edit", placeOf(siteKey.site_id));
  return (
    <Button
      size="sm"
      variant="danger"
      data-row-focus
      disabledReason={cannot ?? doneReason(siteKey)}
      aria-label={`Revoke ${siteKey.name}`}
      onClick={onRevoke}
    >
      Revoke
    </Button>
  );
}
