import { useQuery } from "@tanstack/react-query";
import { Ban, CircleCheck, CircleMinus } from "lucide-react";
import { q } from "@/api/client";
import type { GrantInfo, PermissionDecision } from "@/api/types";
import { cn } from "@/lib/cn";
import { Field } from "@/ui/field";
import { Select } from "@/ui/input";
import { Panel, Skeleton } from "@/ui/panel";
import type { Place } from "./can";
import { bySubject } from "./can-words";
import { ErrorView } from "./feedback";
import { GrantLine } from "./grant-line";
import { PlacePicker, usePlaceName, WHOLE } from "./place-picker";

export type AccessFilter = "allowed" | "refused";

interface AccessViewProps {
  userId: string;
  /** "you", or a name. */
  who: string;
  place: Place;
  onPlace: (place: Place) => void;
  filter: AccessFilter | undefined;
  onFilter: (filter: AccessFilter | undefined) => void;
}

/** What somebody may do at a place, and which grants decide it. */
export function AccessView({ userId, who, place, onPlace, filter, onFilter }: AccessViewProps) {
  const at = {
    ...(place.clientId ? { client_id: place.clientId } : {}),
    ...(place.siteId ? { site_id: place.siteId } : {}),
  };
  const query = useQuery({
    ...q("user_access", { path: { id: userId }, query: at }),
    placeholderData: (before) => before,
  });
  const name = usePlaceName(place);
  const shown = (query.data?.decisions ?? []).filter(
    (decision) => !filter || decision.is_allowed === (filter === "allowed"),
  );
  return (
    <div className="flex max-w-4xl flex-col gap-3">
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-80 max-w-full max-sm:w-full">
          <Field label="Place">{(control) => <PlacePicker control={control} value={place} onValue={onPlace} />}</Field>
        </div>
        <Field label="Show">
          {(control) => (
            <Select
              {...control}
              value={filter ?? ""}
              onChange={(event) => onFilter((event.target.value || undefined) as AccessFilter | undefined)}
            >
              <option value="">Everything</option>
              <option value="allowed">Only what is allowed</option>
              <option value="refused">Only what is not</option>
            </Select>
          )}
        </Field>
      </div>
      {query.error && (!query.data || query.isPlaceholderData) ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <Skeleton className="h-64 w-full rounded-lg" />
      ) : (
        <div aria-busy={query.isPlaceholderData} className="flex flex-col gap-3">
          <Summary who={who} place={name} decisions={query.data.decisions} />
          {shown.length === 0 && (
            <p className="text-sm text-soft">
              {filter === "allowed" ? "Nothing is allowed here." : "Everything is allowed here."}
            </p>
          )}
          {bySubject(shown, ({ permission }) => permission).map(([subject, decisions]) => (
            <Panel
              key={subject}
              title={
                <>
                  {subject}
                  {name !== WHOLE && decisions.every(({ level }) => level === "organisation") && (
                    <span className="ml-2 font-normal text-soft text-xs">asked of the whole organisation</span>
                  )}
                </>
              }
              bodyClassName="p-0"
            >
              <ul>
                {decisions.map((decision) => (
                  <DecisionRow key={decision.permission} decision={decision} grants={query.data.grants} />
                ))}
              </ul>
            </Panel>
          ))}
        </div>
      )}
    </div>
  );
}

function Summary({ who, place, decisions }: { who: string; place: string; decisions: PermissionDecision[] }) {
  const allowed = decisions.filter((decision) => decision.is_allowed).length;
  const where = place === WHOLE ? "in the whole organisation" : `on ${place}`;
  const how =
    allowed === 0
      ? "nothing"
      : allowed === decisions.length
        ? "everything"
        : `${allowed} of ${decisions.length} things`;
  return (
    <p role="status" className="break-words text-sm text-soft">
      {who === "you" ? "You" : who} may do <strong className="font-semibold text-ink">{how}</strong> {where}.
    </p>
  );
}

const LOOK = {
  allowed: { word: "Allowed", icon: CircleCheck, tone: "text-ok" },
  denied: { word: "Denied", icon: Ban, tone: "text-bad" },
  missing: { word: "Not given", icon: CircleMinus, tone: "text-soft" },
};

function DecisionRow({ decision, grants }: { decision: PermissionDecision; grants: GrantInfo[] }) {
  const because = decision.because.flatMap((id) => grants.find((grant) => grant.id === id) ?? []);
  const { word, icon: Icon, tone } = LOOK[decision.is_allowed ? "allowed" : because.length > 0 ? "denied" : "missing"];
  return (
    <li className="grid gap-x-4 gap-y-0.5 border-line border-b px-4 py-2 text-sm last:border-b-0 sm:grid-cols-[6.5rem_minmax(0,1.2fr)_minmax(0,1fr)]">
      <span className={cn("flex items-center gap-1.5 self-start font-medium", tone)}>
        <Icon aria-hidden className="size-3.5 shrink-0" strokeWidth={2.25} />
        {word}
      </span>
      <span className={cn("min-w-0", !decision.is_allowed && "text-soft")}>{decision.title}</span>
      <span className="flex min-w-0 flex-col text-soft text-xs leading-5">
        {because.length === 0 && "No role here gives it"}
        {because.map((grant) => (
          <GrantLine key={grant.id} grant={grant} />
        ))}
      </span>
    </li>
  );
}
