import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { pages } from "@/api/client";
import type { Query } from "@/api/operations";
import type { AuditEvent } from "@/api/types";
import { cn } from "@/lib/cn";
import type { Period } from "@/lib/period";
import { EventDialog } from "./audit-event";
import { actorOf } from "./audit-words";
import { CELL_LINK, type Column } from "./data-table/column";
import { DataTable } from "./data-table/data-table";
import { EmptyState } from "./feedback";
import { AuditOutcome } from "./status";
import { Time } from "./time";

type Open = (event: AuditEvent) => void;

/** The columns; the sentence opens the event. */
function columnsOf(open: Open): Column<AuditEvent>[] {
  return [
    { id: "when", header: "When", width: 110, cell: (event) => <Time value={event.occurred_at} /> },
    {
      id: "summary",
      header: "What happened",
      width: 320,
      isGrowing: true,
      cell: (event) => (
        <button
          type="button"
          data-row-focus
          title={event.summary}
          onClick={() => open(event)}
          className={cn(CELL_LINK, "font-medium")}
        >
          {event.summary}
        </button>
      ),
    },
    { id: "outcome", header: "Outcome", width: 110, cell: (event) => <AuditOutcome outcome={event.outcome} /> },
    { id: "actor", header: "By", width: 160, cell: actorOf },
    {
      id: "ip",
      header: "From address",
      width: 140,
      cell: (event) => <span className="text-soft">{event.ip ?? "—"}</span>,
    },
  ];
}

const eventId = (event: AuditEvent) => event.id;
const eventLabel = (event: AuditEvent) => event.summary;

function CompactEvent({ event, open }: { event: AuditEvent; open: Open }) {
  return (
    <>
      <button
        type="button"
        data-row-focus
        onClick={() => open(event)}
        className="block w-full truncate py-0.5 text-left font-medium"
      >
        {event.summary}
      </button>
      <p className="flex gap-2 text-soft text-xs">
        <Time value={event.occurred_at} className="whitespace-nowrap" />
        <span className="min-w-0 flex-1 truncate">{actorOf(event)}</span>
        {event.outcome === "refused" && <AuditOutcome outcome={event.outcome} />}
      </p>
    </>
  );
}

interface AuditTableProps {
  query: Query<"audit_event_list">;
  period?: Period | undefined;
  emptyTitle: string;
  emptyText?: ReactNode;
  className?: string;
}

/** Who did what, the newest first; an event opens with all its details. */
export function AuditTable({ query, period, emptyTitle, emptyText, className }: AuditTableProps) {
  const list = useInfiniteQuery(pages("audit_event_list", query, { period }));
  const [opened, setOpened] = useState<AuditEvent>();
  const columns = useMemo(() => columnsOf(setOpened), []);
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
        {...(className ? { className } : {})}
        empty={
          <EmptyState icon={ScrollText} title={emptyTitle}>
            {emptyText ?? "Every change, by a person or a machine, is written down here, and what was refused too."}
          </EmptyState>
        }
      />
      {opened && <EventDialog event={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}
