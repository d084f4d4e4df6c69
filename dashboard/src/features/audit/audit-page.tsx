import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { AuditTable } from "@/components/audit-table";
import { actionWords } from "@/components/audit-words";
import { FilterBar, Page } from "@/components/page";
import { PeriodSelect } from "@/components/period-select";
import { scopeOf } from "@/components/scope";
import { useSearchText } from "@/components/use-search-text";
import { Button } from "@/ui/button";
import { SearchInput, Select } from "@/ui/input";
import { ACTIONS } from "./actions";
import { ExportMenu } from "./export-menu";
import { Narrowings } from "./narrowings";
import { Sealed } from "./sealed";
import type { AuditSearch } from "./search";

const NOTHING: AuditSearch = {
  search: undefined,
  action: undefined,
  outcome: undefined,
  actor_id: undefined,
  target_id: undefined,
  session_id: undefined,
  period: undefined,
};

/** Only the filters that are set: absent and undefined must make the same query key. */
function queryOf({ search, action, outcome, actor_id, target_id, session_id }: AuditSearch) {
  return {
    ...(search ? { search } : {}),
    ...(action ? { action } : {}),
    ...(outcome ? { outcome } : {}),
    ...(actor_id ? { actor_id } : {}),
    ...(target_id ? { target_id } : {}),
    ...(session_id ? { session_id } : {}),
  };
}

/** Who did what in the chosen scope, and what was refused to whom. */
export function AuditPage() {
  const search = useSearch({ from: "/app/audit" });
  const navigate = useNavigate({ from: "/audit" });
  const set = (change: object, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const [text, setText] = useSearchText(search.search, (next) => set({ search: next }, true));
  const { action, outcome, period } = search;
  const query = useMemo(() => ({ ...scopeOf(search), ...queryOf(search) }), [search]);
  const actions = action && !ACTIONS.some((known) => known === action) ? [action, ...ACTIONS] : ACTIONS;
  const isFiltered = Boolean(period) || Object.keys(queryOf(search)).length > 0;
  return (
    <Page title="Audit" subtitle={<Sealed />} actions={<ExportMenu query={query} period={period} />}>
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
          className="max-sm:flex-1 max-sm:basis-40"
        >
          <option value="">Any action</option>
          {actions.map((name) => (
            <option key={name} value={name}>
              {actionWords(name)}
            </option>
          ))}
        </Select>
        <Select
          aria-label="Outcome"
          value={outcome ?? ""}
          onChange={(event) => set({ outcome: event.target.value || undefined })}
          className="max-sm:flex-1 max-sm:basis-40"
        >
          <option value="">Done and refused</option>
          <option value="done">Done</option>
          <option value="refused">Refused</option>
        </Select>
        <PeriodSelect value={period} onValue={(next) => set({ period: next })} />
        <Narrowings
          search={search}
          query={query}
          period={period}
          onRemove={(narrowing) => set({ [narrowing]: undefined })}
        />
        {isFiltered && (
          <Button variant="ghost" onClick={() => set(NOTHING)}>
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
