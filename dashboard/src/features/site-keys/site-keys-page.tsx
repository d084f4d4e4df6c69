import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { DoorOpen, KeyRound, Plus } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { pages } from "@/api/client";
import type { SiteKey } from "@/api/types";
import type { Column } from "@/components/data-table/column";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { useCannotIn } from "@/components/me";
import { Page } from "@/components/page";
import { useFullScope, useScope } from "@/components/scope";
import { SiteKeyState } from "@/components/status";
import { Time } from "@/components/time";
import { Button } from "@/ui/button";
import { CreateKeyDialog } from "./create-key-dialog";
import { type KeyAct, KeyActions } from "./key-actions";
import { KeyDialog } from "./key-dialogs";
import { ApprovalMark, Refused } from "./key-marks";

const keyId = (key: SiteKey) => key.id;

const uses = (key: SiteKey) =>
  key.max_uses === null || key.max_uses === undefined ? `${key.use_count}` : `${key.use_count} of ${key.max_uses}`;

const COLUMNS: Column<SiteKey>[] = [
  {
    id: "name",
    header: "Name",
    width: 140,
    isGrowing: true,
    cell: (key) => (
      <span title={key.name} className="font-medium">
        {key.name}
      </span>
    ),
  },
  { id: "state", header: "State", width: 100, cell: (key) => <SiteKeyState state={key.state} /> },
  {
    id: "site",
    header: "Site",
    width: 150,
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
    width: 146,
    cell: (key) => <code className="font-mono text-xs">{key.prefix}…</code>,
  },
  {
    id: "uses",
    header: "Used",
    width: 146,
    cell: (key) => (
      <>
        {uses(key)} <Refused siteKey={key} />
      </>
    ),
  },
  { id: "approval", header: "Approval", width: 92, cell: (key) => <ApprovalMark siteKey={key} /> },
  { id: "last", header: "Last used", width: 95, cell: (key) => <Time value={key.last_used_at} empty="never" /> },
  { id: "expires", header: "Expires", width: 95, cell: (key) => <Time value={key.expires_at} empty="never" /> },
  { id: "by", header: "Created by", width: 115, cell: (key) => key.created_by_name ?? "—" },
];

/** The keys with which machines join sites. */
export function SiteKeysPage() {
  const scope = useScope();
  const list = useInfiniteQuery(pages("site_key_list", scope));
  const [isCreating, setCreating] = useState(false);
  const [acting, setActing] = useState<{ act: KeyAct; siteKey: SiteKey }>();
  const cannot = useCannotIn("site_keys.edit", useFullScope());
  const act = useCallback((what: KeyAct, siteKey: SiteKey) => setActing({ act: what, siteKey }), []);
  const columns = useMemo<Column<SiteKey>[]>(
    () => [
      ...COLUMNS,
      {
        id: "actions",
        header: "Actions",
        width: 122,
        cell: (key) => <KeyActions siteKey={key} onAct={act} isWide />,
      },
    ],
    [act],
  );
  return (
    <Page
      title="Site keys"
      subtitle="With a site key a machine joins its site. Keep keys short-lived."
      actions={
        <>
          <Button asChild>
            <Link to="/enrolment">
              <DoorOpen /> Enrolment
            </Link>
          </Button>
          <Button disabledReason={cannot} onClick={() => setCreating(true)}>
            <Plus /> New site key
          </Button>
        </>
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
                <ApprovalMark siteKey={key} isShort />
                <SiteKeyState state={key.state} />
              </p>
              <p className="truncate text-soft text-xs">
                {key.site_name} · used {uses(key)}
                {key.refused_count > 0 && ` · refused ${key.refused_count}`}
              </p>
            </div>
            <KeyActions siteKey={key} onAct={act} />
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
      {acting && <KeyDialog {...acting} onClose={() => setActing(undefined)} />}
    </Page>
  );
}
