import { useInfiniteQuery } from "@tanstack/react-query";
import { Layers, Plus, ShieldOff } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { pages } from "@/api/client";
import type { PlatformOrganisation } from "@/api/types";
import type { Column } from "@/components/data-table/column";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { useMe } from "@/components/me";
import { FilterBar, Page } from "@/components/page";
import { OrganisationState } from "@/components/status";
import { Time } from "@/components/time";
import { roomOf } from "@/components/usage";
import { useAction } from "@/components/use-action";
import { cn } from "@/lib/cn";
import { formatAbsolute, formatCount } from "@/lib/format";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { CreateDialog } from "./create-dialog";
import { daysWords } from "./limits";
import { LimitsDialog } from "./limits-dialog";
import { type OrganisationAct, OrganisationActions } from "./organisation-actions";

const organisationId = (organisation: PlatformOrganisation) => organisation.id;
const organisationName = (organisation: PlatformOrganisation) => organisation.name;

/** "12 of 50", and a word when that is all. */
function Used({ used, max }: { used: number; max: number | null | undefined }) {
  const room = roomOf(used, max);
  if (max === null || max === undefined) return <>{formatCount(used)}</>;
  return (
    <span className={cn(room === "near" && "text-warn", room === "full" && "text-bad")}>
      {formatCount(used)} of {formatCount(max)}
      {room === "near" && ", nearly full"}
      {room === "full" && ", full"}
    </span>
  );
}

function Name({ organisation, className }: { organisation: PlatformOrganisation; className?: string }) {
  const isOwn = useMe()?.organisation.id === organisation.id;
  return (
    <span title={organisation.name} className={cn("font-medium", className)}>
      {organisation.name}
      {isOwn && <span className="ml-1.5 font-normal text-soft">you look at it</span>}
    </span>
  );
}

const COLUMNS: Column<PlatformOrganisation>[] = [
  {
    id: "name",
    header: "Name",
    width: 220,
    isGrowing: true,
    cell: (organisation) => <Name organisation={organisation} />,
  },
  {
    id: "state",
    header: "State",
    width: 120,
    cell: ({ suspended_at }) => (
      <span title={suspended_at ? `Since ${formatAbsolute(suspended_at)}` : undefined}>
        <OrganisationState isSuspended={Boolean(suspended_at)} />
      </span>
    ),
  },
  {
    id: "machines",
    header: "Machines",
    width: 190,
    cell: ({ agent_count, agents_max }) => <Used used={agent_count} max={agents_max} />,
  },
  {
    id: "people",
    header: "People",
    width: 180,
    cell: ({ user_count, users_max }) => <Used used={user_count} max={users_max} />,
  },
  {
    id: "retention",
    header: "Measurements kept",
    width: 150,
    cell: ({ retention_days_max }) => (
      <span className={retention_days_max ? undefined : "text-soft"}>{daysWords(retention_days_max)}</span>
    ),
  },
  { id: "created", header: "Created", width: 105, cell: ({ created_at }) => <Time value={created_at} /> },
];

/** The organisations of this server, for its operators. */
export function PlatformPage() {
  const me = useMe();
  const [isCreating, setCreating] = useState(false);
  if (me && !me.is_operator) {
    return (
      <Page title="Platform">
        <EmptyState icon={ShieldOff} title="This page is for operators" className="flex-1">
          You are none. One is made on the server's console: <Line>gururmm-server user operator EMAIL</Line>
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page
      title="Platform"
      actions={
        <Button onClick={() => setCreating(true)}>
          <Plus /> New organisation
        </Button>
      }
    >
      <FilterBar>
        <p className="max-w-3xl text-soft text-sm">
          The organisations of this server, and what each may have. Operators see nothing in an organisation: none of
          its machines, people, commands or results. An operator is made and unmade on the server's console only:{" "}
          <Line>gururmm-server user operator EMAIL</Line>
        </p>
      </FilterBar>
      <Organisations onCreate={() => setCreating(true)} />
      {isCreating && <CreateDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

function Organisations({ onCreate }: { onCreate: () => void }) {
  const list = useInfiniteQuery(pages("platform_organisation_list", {}));
  const [acting, setActing] = useState<{ act: "limits" | "suspend"; organisation: PlatformOrganisation }>();
  const close = () => setActing(undefined);
  const update = useAction("platform_organisation_update", { stale: ["platform_organisation_list"] });
  const { mutate } = update;
  const { act, columns } = useMemo(() => {
    const act = (what: OrganisationAct, organisation: PlatformOrganisation) => {
      if (what !== "resume") return setActing({ act: what, organisation });
      mutate({ path: { id: organisation.id }, body: { suspended: false } });
    };
    const actions: Column<PlatformOrganisation> = {
      id: "actions",
      header: "Actions",
      width: 160,
      cell: (organisation) => <OrganisationActions organisation={organisation} onAct={act} isWide />,
    };
    return { act, columns: [...COLUMNS, actions] };
  }, [mutate]);
  const suspended = acting?.act === "suspend" ? acting.organisation : undefined;
  return (
    <>
      <DataTable
        label="Organisations"
        noun="organisations"
        query={list}
        columns={columns}
        rowId={organisationId}
        rowLabel={organisationName}
        compact={(organisation) => (
          <div className="flex items-center gap-2">
            <div className="min-w-0 flex-1">
              <p className="flex items-center gap-2">
                <Name organisation={organisation} className="truncate" />
                {organisation.suspended_at && <OrganisationState isSuspended />}
              </p>
              <p className="truncate text-soft text-xs">
                Machines <Used used={organisation.agent_count} max={organisation.agents_max} /> · people{" "}
                <Used used={organisation.user_count} max={organisation.users_max} />
                {organisation.retention_days_max && ` · ${daysWords(organisation.retention_days_max)}`}
              </p>
            </div>
            <OrganisationActions organisation={organisation} onAct={act} />
          </div>
        )}
        empty={
          <EmptyState
            icon={Layers}
            title="No organisation yet"
            action={
              <Button variant="primary" onClick={onCreate}>
                <Plus /> Create the first
              </Button>
            }
          >
            An organisation has its own machines, people and audit log, and sees nothing of any other.
          </EmptyState>
        }
      />
      {acting?.act === "limits" && <LimitsDialog organisation={acting.organisation} onClose={close} />}
      <ConfirmDialog
        isOpen={suspended !== undefined}
        onClose={close}
        title={`Suspend ${suspended?.name ?? ""}?`}
        confirmLabel="Suspend"
        isPending={update.isPending}
        onConfirm={() =>
          suspended && mutate({ path: { id: suspended.id }, body: { suspended: true } }, { onSettled: close })
        }
      >
        <p>
          Nobody gets in until you resume it, with a password or with an API key; who is signed in is out within a
          second. Its machines go on and report. Nothing is deleted.
        </p>
        <p>It is told in the organisation's audit log.</p>
      </ConfirmDialog>
    </>
  );
}

function Line({ children }: { children: ReactNode }) {
  return <code className="inline-block break-words font-mono text-ink text-xs">{children}</code>;
}
