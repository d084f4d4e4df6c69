import { useCallback, useMemo, useState } from "react";
import type { Query } from "@/api/operations";
import type { Agent } from "@/api/types";
import type { AllMatching } from "@/components/actions";

const NONE: ReadonlySet<string> = new Set();

/** What a list shows, without the order in which it does. */
export function filterOf({ sort: _sort, order: _order, ...filter }: Query<"agent_list">): AllMatching["filter"] {
  return filter;
}

interface Shown {
  query: Query<"agent_list">;
  /** Those that are loaded. */
  rows: Agent[];
  /** All that there are, once the server has counted them. */
  count: number | undefined;
  /** The rows are still those of the view before. */
  isOld: boolean;
}

/** The chosen rows of the list of machines, or everything that its filter matches. */
export function useSelection({ query, rows, count = 0, isOld }: Shown) {
  const [selected, setSelected] = useState(NONE);
  const [allOf, setAllOf] = useState<string>();
  const key = JSON.stringify(filterOf(query));
  // Another filter matches others: they were not chosen.
  if (allOf !== undefined && allOf !== key) setAllOf(undefined);
  const isAll = allOf === key && rows.length > 0;
  // All of them are chosen, also what is loaded later.
  const ids = useMemo(() => (isAll ? new Set(rows.map(({ id }) => id)) : selected), [isAll, rows, selected]);
  // What the filters hide is not acted upon: the bar counts what the reader sees.
  const chosen = useMemo(() => (ids.size > 0 ? rows.filter(({ id }) => ids.has(id)) : []), [ids, rows]);
  const select = useCallback((next: ReadonlySet<string>) => {
    setAllOf(undefined);
    setSelected(next);
  }, []);
  const isOffered = !isOld && count > rows.length && chosen.length === rows.length;
  /** Everything that the filter matches is meant. */
  const meant = useMemo(
    (): AllMatching | undefined => (isAll ? { count, filter: JSON.parse(key) } : undefined),
    [isAll, count, key],
  );
  return {
    ids,
    chosen,
    meant,
    select,
    /** Everything that the filter matches, once every loaded row is chosen and there are more. */
    all:
      isAll || isOffered ? { count, filter: filterOf(query), isChosen: isAll, choose: () => setAllOf(key) } : undefined,
  };
}

export type AllChoice = NonNullable<ReturnType<typeof useSelection>["all"]>;
