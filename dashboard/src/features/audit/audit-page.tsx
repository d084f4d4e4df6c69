import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { AUDIT_COLUMNS, AuditTable, actionWords } from "@/components/audit-table";
import { CsvButton } from "@/components/csv-button";
import { FilterBar, Page } from "@/components/page";
import { PeriodSelect } from "@/components/period-select";
import { scopeOf } from "@/components/scope";
import { useSearchText } from "@/components/use-search-text";
import { Button } from "@/ui/button";
import { SearchInput, Select } from "@/ui/input";

/** The actions the server writes down; an action in the address that is not among them is listed too. */
const ACTIONS = [
  "agent.deleted",
  "agent.enrolled",
  "agent.unenrolled",
  "agent.updated",
  "api_key.created",
  "api_key.revoked",
  "client.created",
  "client.deleted",
  "client.updated",
  "command.cancel_requested",
  "command.created",
  "grant.created",
  "grant.deleted",
  "invitation.created",
  "invitation.revoked",
  "organisation.created",
  "organisation.updated",
  "role.created",
  "role.deleted",
  "role.updated",
  "session.closed",
  "session.opened",
  "session.revoked",
  "setup.completed",
  "site.created",
  "site.deleted",
  "site.updated",
  "site_key.created",
  "site_key.renewed",
  "site_key.revoked",
  "user.joined",
  "user.password_changed",
  "user.password_reset",
  "user.removed",
  "user.renamed",
  "user.resumed",
  "user.signed_out",
  "user.suspended",
];

/** Who did what in the chosen scope. */
export function AuditPage() {
  const search = useSearch({ from: "/app/audit" });
  const navigate = useNavigate({ from: "/audit" });
  const set = (change: object, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const [text, setText] = useSearchText(search.search, (next) => set({ search: next }, true));
  const { client_id, site_id, search: words, action, period } = search;
  const query = useMemo(
    () => ({
      ...scopeOf({ client_id, site_id }),
      ...(words ? { search: words } : {}),
      ...(action ? { action } : {}),
    }),
    [client_id, site_id, words, action],
  );
  const actions = action && !ACTIONS.includes(action) ? [action, ...ACTIONS] : ACTIONS;
  const isFiltered = Boolean(words || action || period);
  return (
    <Page
      title="Audit"
      actions={
        <CsvButton
          operation="audit_event_list"
          query={query}
          period={period}
          columns={AUDIT_COLUMNS}
          fileName="audit"
        />
      }
    >
      <FilterBar>
        <SearchInput
          value={text}
          onValue={setText}
          aria-label="Search audit events"
          placeholder="Person or thing"
          className="w-64 max-sm:w-full"
        />
        <Select
          aria-label="Action"
          value={action ?? ""}
          onChange={(event) => set({ action: event.target.value || undefined })}
          className="max-sm:flex-1"
        >
          <option value="">Any action</option>
          {actions.map((name) => (
            <option key={name} value={name}>
              {actionWords(name)}
            </option>
          ))}
        </Select>
        <PeriodSelect value={period} onValue={(next) => set({ period: next })} />
        {isFiltered && (
          <Button variant="ghost" onClick={() => set({ search: undefined, action: undefined, period: undefined })}>
            Clear filters
          </Button>
        )}
      </FilterBar>
      <AuditTable
        query={query}
        period={period}
        emptyTitle={isFiltered ? "Nothing matches" : "Nothing has happened yet"}
        emptyText={isFiltered ? "Remove a filter, or choose a longer period." : undefined}
      />
    </Page>
  );
}
