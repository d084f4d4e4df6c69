import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Query } from "@/api/operations";
import type { Sort } from "@/components/data-table/column";
import { ColumnChooser } from "@/components/data-table/column-chooser";
import { useColumns } from "@/components/data-table/use-columns";
import { FilterBar, Page } from "@/components/page";
import { scopeOf } from "@/components/scope";
import { agentStateWord } from "@/components/status";
import { useSearchText } from "@/components/use-search-text";
import { Button } from "@/ui/button";
import { SearchInput, Select } from "@/ui/input";
import { ExportButton } from "./export-button";
import { MachinesTable } from "./machines-table";
import { SavedViews } from "./saved-views";
import { AGENT_STATES, type MachinesSearch } from "./search";
import { SiteKeyNarrowing } from "./site-key-narrowing";
import { FieldNarrowing, TagFilter } from "./tag-filter";
import { useMachineColumns } from "./use-machine-columns";

/** The fleet: every machine of the chosen scope, searched and sorted by the server. */
export function MachinesPage() {
  const search = useSearch({ from: "/app/machines" });
  const navigate = useNavigate({ from: "/machines" });
  const set = (change: Partial<MachinesSearch>, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const [text, setText] = useSearchText(search.search, (next) => set({ search: next }, true));
  const { client_id: _client, site_id: _site, ...filters } = search;
  const query: Query<"agent_list"> = { ...JSON.parse(JSON.stringify(filters)), ...scopeOf(search) };
  const allColumns = useMachineColumns();
  const columns = useColumns("machines", allColumns);
  const sort: Sort = { by: search.sort ?? "name", order: search.order ?? "asc" };
  const { search: searched, status, state, os, site_key_id, tag, field } = search;
  const isFiltered = Boolean(searched || status || state || os || site_key_id || tag || field);
  const clear = () =>
    set({
      search: undefined,
      status: undefined,
      state: undefined,
      os: undefined,
      site_key_id: undefined,
      tag: undefined,
      field: undefined,
    });
  return (
    <Page
      title="Machines"
      actions={
        <>
          <SavedViews search={search} columns={columns.choice} onColumns={columns.setChoice} />
          <ColumnChooser columns={allColumns} isVisible={columns.isVisible} setVisible={columns.setVisible} />
          <ExportButton query={query} columns={columns.visible} />
        </>
      }
    >
      <FilterBar>
        <SearchInput
          value={text}
          onValue={setText}
          aria-label="Search machines"
          placeholder="Name, user, address or tag"
          className="w-64 max-sm:w-full"
        />
        <Select
          aria-label="Status"
          value={search.status ?? ""}
          onChange={(event) => set({ status: (event.target.value || undefined) as MachinesSearch["status"] })}
          className="max-sm:flex-1 max-sm:basis-40"
        >
          <option value="">Any status</option>
          <option value="online">Online</option>
          <option value="offline">Offline</option>
        </Select>
        <Select
          aria-label="State"
          value={state ?? ""}
          onChange={(event) => set({ state: (event.target.value || undefined) as MachinesSearch["state"] })}
          className="max-sm:flex-1 max-sm:basis-40"
        >
          <option value="">Any state</option>
          {AGENT_STATES.map((one) => (
            <option key={one} value={one}>
              {agentStateWord(one)}
            </option>
          ))}
        </Select>
        <Select
          aria-label="System"
          value={search.os ?? ""}
          onChange={(event) => set({ os: (event.target.value || undefined) as MachinesSearch["os"] })}
          className="max-sm:flex-1 max-sm:basis-40"
        >
          <option value="">Any system</option>
          <option value="linux">Linux</option>
          <option value="windows">Windows</option>
          <option value="macos">macOS</option>
        </Select>
        <TagFilter value={search.tag} onValue={(tag) => set({ tag })} />
        {search.field && <FieldNarrowing value={search.field} onRemove={() => set({ field: undefined })} />}
        {search.site_key_id && (
          <SiteKeyNarrowing keyId={search.site_key_id} onRemove={() => set({ site_key_id: undefined })} />
        )}
        {isFiltered && (
          <Button variant="ghost" onClick={clear}>
            Clear filters
          </Button>
        )}
      </FilterBar>
      <MachinesTable
        query={query}
        columns={columns.visible}
        allColumns={allColumns}
        sort={sort}
        onSort={(next) => set({ sort: next.by as MachinesSearch["sort"], order: next.order })}
        isFiltered={isFiltered}
        onClear={clear}
      />
    </Page>
  );
}
