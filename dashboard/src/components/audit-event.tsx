import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { AuditEvent } from "@/api/types";
import { Dialog } from "@/ui/dialog";
import { Facts } from "@/ui/panel";
import { actionWords, actorWords, behalfOf, fieldWords } from "./audit-words";
import { Id } from "./copy";
import { CELL_LINK } from "./data-table/column";
import { AuditOutcome } from "./status";
import { Time } from "./time";

/** After these there is no page to go to. */
const GONE = new Set<AuditEvent["action"]>([
  "agent.deleted",
  "agent.expired",
  "agent.rejected",
  "agent.unenrolled",
  "client.deleted",
  "role.deleted",
  "schedule.deleted",
  "site.deleted",
  "user.removed",
]);

/** The things that have a page of their own. */
const PAGE_OF = {
  agent: "/machines/$id",
  client: "/clients/$id",
  command: "/commands/$id",
  command_run: "/command-runs/$id",
  role: "/roles/$id",
  schedule: "/schedules/$id",
  script: "/scripts/$id",
  site: "/sites/$id",
  user: "/users/$id",
} as const;

const hasPage = (kind: string | null | undefined): kind is keyof typeof PAGE_OF =>
  typeof kind === "string" && Object.hasOwn(PAGE_OF, kind);

function Target({ event }: { event: AuditEvent }) {
  const { target_kind: kind, target_id: id } = event;
  const name = event.target_name ?? kind?.replaceAll("_", " ") ?? "—";
  if (!id || !hasPage(kind) || GONE.has(event.action)) return <>{name}</>;
  return (
    <Link to={PAGE_OF[kind]} params={{ id }} className={CELL_LINK}>
      {name}
    </Link>
  );
}

type Narrowing = { actor_id: string } | { target_id: string } | { session_id: string };

/** Leads to everything in the log that has this in common with the event. */
function More({ search, children, onClose }: { search: Narrowing; children: ReactNode; onClose: () => void }) {
  return (
    <Link to="/audit" search={search} onClick={onClose} className="font-medium text-accent-text underline">
      {children}
    </Link>
  );
}

/** What was and what is, side by side. */
function Changes({ event }: { event: AuditEvent }) {
  if (event.changes.length === 0) return null;
  const shown = (value: string | null | undefined) =>
    value === null || value === undefined ? <span className="text-soft">nothing</span> : value;
  return (
    <table className="mb-3 w-full table-fixed border-line border-y text-sm">
      <caption className="sr-only">What was changed</caption>
      <thead>
        <tr className="border-line border-b text-left text-soft text-xs">
          <th className="py-1.5 pr-3 font-medium">Changed</th>
          <th className="py-1.5 pr-3 font-medium">Before</th>
          <th className="py-1.5 font-medium">After</th>
        </tr>
      </thead>
      <tbody>
        {event.changes.map((change) => (
          <tr key={change.field} className="border-line border-b align-top last:border-b-0">
            <th scope="row" className="break-words py-1.5 pr-3 text-left font-normal text-soft">
              {fieldWords(change.field)}
            </th>
            <td className="break-words py-1.5 pr-3">{shown(change.before)}</td>
            <td className="break-words py-1.5 font-medium">{shown(change.after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Everything that is known of one event. */
export function EventDialog({ event, onClose }: { event: AuditEvent; onClose: () => void }) {
  const detail = Object.keys(event.detail ?? {}).length > 0 ? JSON.stringify(event.detail, null, 2) : "";
  const behalf = behalfOf(event);
  return (
    <Dialog isOpen onClose={onClose} title={actionWords(event.action)} className="max-w-xl">
      <p className="mb-3 break-words text-sm">{event.summary}</p>
      <Changes event={event} />
      <Facts
        items={[
          { name: "When", value: <Time value={event.occurred_at} /> },
          { name: "Exact time", value: event.occurred_at },
          { name: "Outcome", value: <AuditOutcome outcome={event.outcome} /> },
          { name: "By", value: actorWords(event) },
          ...(behalf ? [{ name: "On behalf of", value: behalf }] : []),
          { name: "What", value: <Target event={event} /> },
          ...(event.target_id ? [{ name: "Id", value: <Id value={event.target_id} /> }] : []),
          { name: "From address", value: event.ip ?? "—" },
          ...(event.session_id ? [{ name: "Session", value: <Id value={event.session_id} label="session id" /> }] : []),
          ...(event.request_id ? [{ name: "Request", value: <Id value={event.request_id} label="request id" /> }] : []),
          { name: "Action", value: <code className="font-mono text-xs">{event.action}</code> },
        ]}
      />
      <p className="mt-3 flex flex-wrap gap-x-5 gap-y-2 text-sm">
        {event.actor_id && (
          <More search={{ actor_id: event.actor_id }} onClose={onClose}>
            All by {event.actor_name ?? actorWords(event)}
          </More>
        )}
        {event.session_id && (
          <More search={{ session_id: event.session_id }} onClose={onClose}>
            All of this session
          </More>
        )}
        {event.target_id && (
          <More search={{ target_id: event.target_id }} onClose={onClose}>
            All that was done to this
          </More>
        )}
      </p>
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
