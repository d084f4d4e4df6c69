import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { CalendarClock, Plus, SearchX } from "lucide-react";
import { useMemo } from "react";
import { pages } from "@/api/client";
import type { Schedule } from "@/api/types";
import type { Place } from "@/components/can";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { useCannot } from "@/components/me";
import { FilterBar, Page } from "@/components/page";
import { PlacePicker } from "@/components/place-picker";
import { type Scope, scopeOf } from "@/components/scope";
import { SCHEDULE_STATUSES, scheduleStatusWord } from "@/components/status";
import { useSearchText } from "@/components/use-search-text";
import { Button } from "@/ui/button";
import { SearchInput, Select } from "@/ui/input";
import { SCHEDULE_COLUMNS, ScheduleCompact } from "./schedule-columns";
import { ScheduleMenu } from "./schedule-menu";
import { useScheduleActs } from "./use-schedule-acts";

const scheduleId = (schedule: Schedule) => schedule.id;
const scheduleName = (schedule: Schedule) => schedule.name;
const compact = (schedule: Schedule) => <ScheduleCompact schedule={schedule} />;

/** What runs by itself. */
export function SchedulesPage() {
  const { search: words, status, client_id, site_id } = useSearch({ from: "/app/schedules" });
  const navigate = useNavigate({ from: "/schedules" });
  const set = (change: object, replace = false) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace });
  const [text, setText] = useSearchText(words, (next) => set({ search: next }, true));
  const query = useMemo(
    () => ({
      ...(words ? { search: words } : {}),
      ...(status ? { status } : {}),
      ...scopeOf({ client_id, site_id }),
    }),
    [words, status, client_id, site_id],
  );
  const list = useInfiniteQuery(pages("schedule_list", query));
  const acts = useScheduleActs();
  const isFiltered = Boolean(words || status || client_id || site_id);
  const clear = () => set({ search: undefined, status: undefined, client_id: undefined, site_id: undefined });
  return (
    <Page
      isHeadingLong
      title="Schedules"
      subtitle="Scripts that run by themselves: by the clock of each site, or when machines come."
      actions={<NewSchedule />}
    >
      <FilterBar>
        <SearchInput
          value={text}
          onValue={setText}
          aria-label="Search schedules"
          placeholder="Name"
          className="w-64 max-sm:w-full"
        />
        <Select
          aria-label="Status"
          value={status ?? ""}
          onChange={(event) => set({ status: event.target.value || undefined })}
          className="max-sm:flex-1"
        >
          <option value="">Any status</option>
          {SCHEDULE_STATUSES.map((one) => (
            <option key={one} value={one}>
              {scheduleStatusWord(one)}
            </option>
          ))}
        </Select>
        <PlaceFilter scope={{ client_id, site_id }} onScope={set} />
        {isFiltered && (
          <Button variant="ghost" onClick={clear}>
            Clear filters
          </Button>
        )}
      </FilterBar>
      <DataTable
        label="Schedules"
        noun="schedules"
        query={list}
        view={query}
        columns={SCHEDULE_COLUMNS}
        rowId={scheduleId}
        rowLabel={scheduleName}
        compact={compact}
        onRow={({ id }) => void navigate({ to: "/schedules/$id", params: { id } })}
        rowMenu={(schedule) => <ScheduleMenu schedule={schedule} acts={acts} />}
        empty={<NoSchedules isFiltered={isFiltered} onClear={clear} />}
      />
      {acts.dialog}
    </Page>
  );
}

interface PlaceFilterProps {
  scope: Scope;
  onScope: (scope: Scope) => void;
}

/** Where the machines are: the same as the tree of clients and sites chooses. */
function PlaceFilter({ scope: { client_id: clientId, site_id: siteId }, onScope }: PlaceFilterProps) {
  const place: Place = { ...(clientId ? { clientId } : {}), ...(siteId ? { siteId } : {}) };
  return (
    <>
      <span className="w-56 max-sm:flex-1 max-sm:basis-40">
        <PlacePicker
          value={place}
          wholeLabel="Any place"
          onValue={(next) => onScope({ client_id: next.clientId, site_id: next.siteId })}
        />
      </span>
      {(clientId || siteId) && (
        <p className="text-soft text-xs">
          {siteId ? "Those of its client and of the whole organisation" : "Those of the whole organisation"} reach this
          place as well, and are not listed.
        </p>
      )}
    </>
  );
}

function NewSchedule({ isFirst = false }: { isFirst?: boolean }) {
  const cannot = useCannot("schedules.edit");
  const variant = isFirst ? "primary" : "secondary";
  if (cannot) {
    return (
      <Button variant={variant} disabledReason={cannot}>
        <Plus /> New schedule
      </Button>
    );
  }
  return (
    <Button variant={variant} asChild>
      <Link to="/schedules/new">
        <Plus /> New schedule
      </Link>
    </Button>
  );
}

function NoSchedules({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (isFiltered) {
    return (
      <EmptyState icon={SearchX} title="Nothing matches" action={<Button onClick={onClear}>Remove the filters</Button>}>
        No schedule has these words in its name, this status and this place.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={CalendarClock} title="No schedule yet" action={<NewSchedule isFirst />}>
      A schedule runs one version of a script by itself: every night, after the second Tuesday, or when a machine
      enrols.
    </EmptyState>
  );
}
