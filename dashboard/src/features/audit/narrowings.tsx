import { useInfiniteQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { pages } from "@/api/client";
import type { Query } from "@/api/operations";
import type { AuditEvent } from "@/api/types";
import { actorOf } from "@/components/audit-words";
import { rowsOf } from "@/components/data-table/data-table";
import type { Period } from "@/lib/period";
import { type AuditSearch, NARROWINGS, type Narrowing } from "./search";

/** Named after the first event that is shown: the address knows only the id. */
function words(narrowing: Narrowing, event: AuditEvent | undefined): string {
  switch (narrowing) {
    case "actor_id":
      return event ? `By ${actorOf(event)}` : "By one person or machine";
    case "target_id":
      return event?.target_name ? `Done to ${event.target_name}` : "Done to one thing";
    case "session_id":
      return "One session";
  }
}

interface NarrowingsProps {
  search: AuditSearch;
  query: Query<"audit_event_list">;
  period: Period | undefined;
  onRemove: (narrowing: Narrowing) => void;
}

/** What the list was narrowed to from an event; each can be taken away. */
export function Narrowings({ search, query, period, onRemove }: NarrowingsProps) {
  const [first] = rowsOf(useInfiniteQuery(pages("audit_event_list", query, { period })).data);
  return NARROWINGS.filter((narrowing) => search[narrowing]).map((narrowing) => (
    <button
      key={narrowing}
      type="button"
      aria-label={`Remove the filter: ${words(narrowing, first)}`}
      onClick={() => onRemove(narrowing)}
      className="inline-flex h-8 max-w-64 items-center gap-1.5 max-sm:w-full max-sm:max-w-none max-sm:justify-between rounded-md bg-accent-soft px-2.5 font-medium text-accent-text text-sm hover:bg-hover max-sm:h-10"
    >
      <span className="min-w-0 truncate">{words(narrowing, first)}</span>
      <X aria-hidden className="size-3.5 shrink-0" />
    </button>
  ));
}
