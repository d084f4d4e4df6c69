import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { KeyRound } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { pages } from "@/api/client";
import type { ApiKey } from "@/api/types";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { ConfirmDialog, Dialog } from "@/ui/dialog";
import { Facts } from "@/ui/panel";
import { closed, ORGANISATION, titleOf } from "./can";
import { Id } from "./copy";
import { CELL_LINK, type Column } from "./data-table/column";
import { DataTable } from "./data-table/data-table";
import { EmptyState } from "./feedback";
import { useCannot } from "./me";
import { usePlaceName } from "./place-picker";
import { ApiKeyState } from "./status";
import { Time } from "./time";
import { useAction } from "./use-action";

const keyId = (key: ApiKey) => key.id;
const keyName = (key: ApiKey) => key.name;

const OVER: Record<ApiKey["state"], string | undefined> = {
  active: undefined,
  revoked: "It is revoked already.",
  expired: "It has expired; nobody can use it.",
};

type Act = (key: ApiKey) => void;

function columnsOf(open: Act, revoke: Act, isOfOne: boolean): Column<ApiKey>[] {
  return [
    {
      id: "name",
      header: "Name",
      width: 150,
      isGrowing: true,
      cell: (key) => (
        <button
          type="button"
          data-row-focus
          onClick={() => open(key)}
          title={key.name}
          className={`${CELL_LINK} font-medium`}
        >
          {key.name}
        </button>
      ),
    },
    { id: "state", header: "State", width: 105, cell: (key) => <ApiKeyState state={key.state} /> },
    ...(isOfOne
      ? []
      : [
          {
            id: "by",
            header: "Of",
            width: 150,
            isGrowing: true,
            cell: (key: ApiKey) => (
              <Link to="/users/$id" params={{ id: key.user_id }} className={CELL_LINK}>
                {key.user_name}
              </Link>
            ),
          },
        ]),
    {
      id: "prefix",
      header: "Begins with",
      width: 180,
      cell: (key) => <code className="font-mono text-xs">{key.prefix}…</code>,
    },
    {
      id: "may",
      header: "May do",
      width: 120,
      cell: (key) => (
        <span title={closed(key.permissions).map(titleOf).join("\n")}>
          {plural(closed(key.permissions).length, "thing")}
        </span>
      ),
    },
    { id: "last", header: "Last used", width: 105, cell: (key) => <Time value={key.last_used_at} empty="never" /> },
    {
      id: "ip",
      header: "From address",
      width: 130,
      cell: (key) => <span className="text-soft">{key.last_used_ip ?? "—"}</span>,
    },
    { id: "expires", header: "Expires", width: 105, cell: (key) => <Time value={key.expires_at} /> },
    { id: "actions", header: "Action", width: 90, cell: (key) => <RevokeButton apiKey={key} onRevoke={revoke} /> },
  ];
}

interface ApiKeyTableProps {
  query: { user_id?: string };
  /** All of them are one person's. */
  isOfOne?: boolean;
  emptyText: ReactNode;
  emptyAction?: ReactNode;
  className?: string;
}

/** Keys with which programs act in somebody's name, the newest first. */
export function ApiKeyTable({ query, isOfOne = false, emptyText, emptyAction, className }: ApiKeyTableProps) {
  const list = useInfiniteQuery(pages("api_key_list", query));
  const [opened, setOpened] = useState<ApiKey>();
  const [revoking, setRevoking] = useState<ApiKey>();
  const revoke = useAction("api_key_revoke", {
    stale: ["api_key_list", "audit_event_list"],
    done: (key) => `${key.name} revoked`,
  });
  const columns = useMemo(() => columnsOf(setOpened, setRevoking, isOfOne), [isOfOne]);
  return (
    <>
      <DataTable
        label="API keys"
        noun="keys"
        query={list}
        view={query}
        columns={columns}
        rowId={keyId}
        rowLabel={keyName}
        {...(className ? { className } : {})}
        compact={(key) => (
          <div className="flex items-center gap-2">
            <div className="min-w-0 flex-1">
              <p className="flex items-center gap-2">
                <button
                  type="button"
                  data-row-focus
                  onClick={() => setOpened(key)}
                  className="truncate py-0.5 text-left font-medium"
                >
                  {key.name}
                </button>
                <ApiKeyState state={key.state} />
              </p>
              <p className="truncate text-soft text-xs">
                {!isOfOne && `${key.user_name} · `}last used <Time value={key.last_used_at} empty="never" />
              </p>
            </div>
            <RevokeButton apiKey={key} onRevoke={setRevoking} />
          </div>
        )}
        empty={
          <EmptyState icon={KeyRound} title="No API key yet" action={emptyAction}>
            {emptyText}
          </EmptyState>
        }
      />
      {opened && <KeyDialog apiKey={opened} onClose={() => setOpened(undefined)} />}
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
        <p>What uses it is refused within a second. This cannot be undone.</p>
      </ConfirmDialog>
    </>
  );
}

function RevokeButton({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: Act }) {
  return (
    <Button
      size="sm"
      variant="danger"
      disabledReason={OVER[apiKey.state]}
      aria-label={`Revoke ${apiKey.name}`}
      onClick={() => onRevoke(apiKey)}
    >
      Revoke
    </Button>
  );
}

/** Everything that can be seen of a key. */
function KeyDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const cannotAudit = useCannot("audit.view", ORGANISATION);
  const places = [
    ...apiKey.client_ids.map((clientId) => ({ clientId })),
    ...apiKey.site_ids.map((siteId) => ({ siteId })),
  ];
  return (
    <Dialog isOpen onClose={onClose} title={apiKey.name} className="max-w-xl">
      <Facts
        items={[
          { name: "State", value: <ApiKeyState state={apiKey.state} /> },
          { name: "Of", value: apiKey.user_name },
          { name: "Begins with", value: <code className="font-mono text-xs">{apiKey.prefix}…</code> },
          {
            name: "May do",
            value: (
              <ul>
                {closed(apiKey.permissions).map((name) => (
                  <li key={name}>{titleOf(name)}</li>
                ))}
              </ul>
            ),
          },
          {
            name: "Where",
            value:
              places.length === 0 ? (
                "Wherever its maker may"
              ) : (
                <ul>
                  {places.map((place) => (
                    <li key={JSON.stringify(place)}>
                      <PlaceName place={place} />
                    </li>
                  ))}
                </ul>
              ),
          },
          { name: "From networks", value: apiKey.networks.length === 0 ? "Anywhere" : apiKey.networks.join(", ") },
          { name: "Created", value: <Time value={apiKey.created_at} /> },
          { name: "Expires", value: <Time value={apiKey.expires_at} /> },
          ...(apiKey.revoked_at ? [{ name: "Revoked", value: <Time value={apiKey.revoked_at} /> }] : []),
          { name: "Last used", value: <Time value={apiKey.last_used_at} empty="never" /> },
          { name: "From address", value: apiKey.last_used_ip ?? "—" },
          { name: "Id", value: <Id value={apiKey.id} label="key id" /> },
        ]}
      />
      {!cannotAudit && (
        <p className="mt-3 text-sm">
          <Link
            to="/audit"
            search={{ target_id: apiKey.id }}
            onClick={onClose}
            className="font-medium text-accent-text underline"
          >
            What was done to it
          </Link>
        </p>
      )}
    </Dialog>
  );
}

function PlaceName({ place }: { place: { clientId?: string; siteId?: string } }) {
  return <>{usePlaceName(place)}</>;
}
