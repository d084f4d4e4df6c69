import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { pages } from "@/api/client";
import type { Query } from "@/api/operations";
import type { AuditEvent } from "@/api/types";
import { cn } from "@/lib/cn";
import type { Period } from "@/lib/period";
import { Dialog } from "@/ui/dialog";
import { Facts } from "@/ui/panel";
import { Id } from "./copy";
import { CELL_LINK, type Column } from "./data-table/column";
import { DataTable } from "./data-table/data-table";
import { EmptyState } from "./feedback";
import { Time } from "./time";

/** "site_key.revoked" → "Site key revoked". */
export function actionWords(action: string): string {
  const text = action.replaceAll(/[._]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const ACTOR_WORD: Record<AuditEvent["actor_kind"], string> = { user: "User", agent: "Machine", system: "System" };
const actorOf = (event: AuditEvent) => event.actor_name ?? ACTOR_WORD[event.actor_kind];

/** After these there is no page to go to. */
const GONE = new Set(["agent.deleted", "agent.unenrolled", "user.removed", "role.deleted"]);

function Target({ event }: { event: AuditEvent }) {
  const name = event.target_name ?? event.target_kind ?? "—";
  if (event.target_kind === "agent" && event.target_id && !GONE.has(event.action)) {
    return (
      <Link to="/machines/$id" params={{ id: event.target_id }} className={CELL_LINK}>
        {name}
      </Link>
    );
  }
  if (event.target_kind === "command" && event.target_id) {
    return (
      <Link to="/commands/$id" params={{ id: event.target_id }} className={CELL_LINK}>
        {name}
      </Link>
    );
  }
  const id = GONE.has(event.action) ? undefined : event.target_id;
  if (id && event.target_kind === "user") {
    return (
      <Link to="/users/$id" params={{ id }} className={CELL_LINK}>
        {name}
      </Link>
    );
  }
  if (id && event.target_kind === "role") {
    return (
      <Link to="/roles/$id" params={{ id }} className={CELL_LINK}>
        {name}
      </Link>
    );
  }
  return <>{name}</>;
}

export const AUDIT_COLUMNS: Column<AuditEvent>[] = [
  {
    id: "when",
    header: "When",
    width: 110,
    cell: (event) => <Time value={event.occurred_at} />,
    csv: (event) => event.occurred_at,
  },
  {
    id: "action",
    header: "Action",
    width: 200,
    isGrowing: true,
    cell: (event) => <span className="font-medium">{actionWords(event.action)}</span>,
    csv: (event) => event.action,
  },
  { id: "actor", header: "By", width: 150, isGrowing: true, cell: actorOf, csv: actorOf },
  {
    id: "target",
    header: "What",
    width: 200,
    isGrowing: true,
    cell: (event) => <Target event={event} />,
    csv: (event) => event.target_name ?? event.target_id,
  },
  {
    id: "ip",
    header: "From address",
    width: 140,
    cell: (event) => <span className="text-soft">{event.ip ?? "—"}</span>,
    csv: (event) => event.ip,
  },
];

const eventId = (event: AuditEvent) => event.id;
const eventLabel = (event: AuditEvent) => actionWords(event.action);

type Open = (event: AuditEvent) => void;

/** The columns; the action opens the event. */
function openingColumns(open: Open): Column<AuditEvent>[] {
  const action = (event: AuditEvent) => (
    <button type="button" data-row-focus onClick={() => open(event)} className={cn(CELL_LINK, "font-medium")}>
      {actionWords(event.action)}
    </button>
  );
  return AUDIT_COLUMNS.map((column) => (column.id === "action" ? { ...column, cell: action } : column));
}

function CompactEvent({ event, open }: { event: AuditEvent; open: Open }) {
  return (
    <>
      <div className="flex gap-2">
        <button
          type="button"
          data-row-focus
          onClick={() => open(event)}
          className="min-w-0 flex-1 truncate py-0.5 text-left font-medium"
        >
          {actionWords(event.action)}
        </button>
        <Time value={event.occurred_at} className="whitespace-nowrap text-soft text-xs" />
      </div>
      <p className="truncate text-soft text-xs">
        {actorOf(event)} · {event.target_name ?? event.target_kind ?? ""}
      </p>
    </>
  );
}

interface AuditTableProps {
  query: Query<"audit_event_list">;
  period?: Period | undefined;
  emptyTitle: string;
  emptyText?: ReactNode;
}

/** Who did what, the newest first; an event opens with all its details. */
export function AuditTable({ query, period, emptyTitle, emptyText }: AuditTableProps) {
  const list = useInfiniteQuery(pages("audit_event_list", query, { period }));
  const [opened, setOpened] = useState<AuditEvent>();
  const columns = useMemo(() => openingColumns(setOpened), []);
  const compact = useCallback((event: AuditEvent) => <CompactEvent event={event} open={setOpened} />, []);
  return (
    <>
      <DataTable
        label="Audit events"
        noun="events"
        query={list}
        view={[query, period]}
        columns={columns}
        rowId={eventId}
        rowLabel={eventLabel}
        compact={compact}
        onRow={setOpened}
        empty={
          <EmptyState icon={ScrollText} title={emptyTitle}>
            {emptyText ?? "Every change, by a person or a machine, is written down here."}
          </EmptyState>
        }
      />
      {opened && <EventDialog event={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function EventDialog({ event, onClose }: { event: AuditEvent; onClose: () => void }) {
  const detail = Object.keys(event.detail ?? {}).length > 0 ? JSON.stringify(event.detail, null, 2) : "";
  return (
    <Dialog isOpen onClose={onClose} title={actionWords(event.action)} className="max-w-xl">
      <Facts
        items={[
          { name: "When", value: <Time value={event.occurred_at} /> },
          { name: "Exact time", value: event.occurred_at },
          { name: "By", value: `${actorOf(event)} (${ACTOR_WORD[event.actor_kind].toLowerCase()})` },
          { name: "What", value: <Target event={event} /> },
          ...(event.target_id ? [{ name: "Id", value: <Id value={event.target_id} /> }] : []),
          { name: "From address", value: event.ip ?? "—" },
          ...(event.request_id ? [{ name: "Request", value: <Id value={event.request_id} label="request id" /> }] : []),
          { name: "Action", value: <code className="font-mono text-xs">{event.action}</code> },
        ]}
      />
      {detail && (
        <section
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
          tabIndex={0}
          aria-label="Details"
          className="mt-3 max-h-64 overflow-auto rounded-md bg-subtle p-3"
        >
          <pre className="whitespace-pre-wrap break-words font-mono text-xs">{detail}</pre>
        </section>
      )}
    </Dialog>
  );
}
