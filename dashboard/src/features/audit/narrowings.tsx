import { useInfiniteQuery } from "@tanstack/react-query";
import { pages } from "@/api/client";
import type { Query } from "@/api/operations";
import type { AuditEvent } from "@/api/types";
import { actorOf } from "@/components/audit-words";
import { rowsOf } from "@/components/data-table/data-table";
import { Narrowing } from "@/components/narrowing";
import type { Period } from "@/lib/period";
import { type AuditSearch, NARROWINGS, type Narrowing as Name } from "./search";

/** Named after the first event that is shown: the address knows only the id. */
function words(narrowing: Name, event: AuditEvent | undefined): string {
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
  onRemove: (narrowing: Name) => void;
}

/** What the list was narrowed to from an event; each can be taken away. */
export function Narrowings({ search, query, period, onRemove }: NarrowingsProps) {
  const [first] = rowsOf(useInfiniteQuery(pages("audit_event_list", query, { period })).data);
  return NARROWINGS.filter((narrowing) => search[narrowing]).map((narrowing) => (
    <Narrowing key={narrowing} words={words(narrowing, first)} onRemove={() => onRemove(narrowing)} />
  ));
}
