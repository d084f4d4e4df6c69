import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useState } from "react";
import { isForbidden } from "@/api/problem";
import type { Page } from "@/api/types";
import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";
import { useIsNarrow } from "@/lib/hooks";
import { MenuAt } from "@/ui/menu";
import { ErrorView } from "../feedback";
import type { Column, Sort } from "./column";
import { CompactRows } from "./compact-rows";
import { useRowMenu } from "./row-menu";
import { TableGrid } from "./table-grid";

export interface Selection {
  ids: ReadonlySet<string>;
  onChange: (ids: ReadonlySet<string>) => void;
}

export interface DataTableProps<Row> {
  /** Names the table for a screen reader. */
  label: string;
  query: Pick<
    UseInfiniteQueryResult<InfiniteData<Page<Row>>>,
    "data" | "error" | "isPending" | "isPlaceholderData" | "hasNextPage" | "isFetchingNextPage" | "isFetchNextPageError"
  > & { fetchNextPage: () => unknown; refetch: () => unknown };
  /** What the rows are: the search, the filters, the order. Another view is read from its top. */
  view?: unknown;
  columns: Column<Row>[];
  /** Also those that are not shown: a list on a narrow screen can be sorted by each. */
  allColumns?: Column<Row>[];
  rowId: (row: Row) => string;
  rowLabel: (row: Row) => string;
  /** The row on a narrow screen: two lines at most. */
  compact: (row: Row) => ReactNode;
  onRow?: (row: Row) => void;
  sort?: Sort | undefined;
  onSort?: (sort: Sort) => void;
  selection?: Selection;
  /** What can be done with a row, as entries of a menu: it has a button at the end of each, and a right click opens it too. */
  rowMenu?: (row: Row) => ReactNode;
  empty: ReactNode;
  /** Words for the rows, as in "3 of 1,204 machines". */
  noun: string;
  /** Words for them all, where the rows are not all of one kind. */
  summary?: string | undefined;
  className?: string;
}

export const rowsOf = <Row,>(data: InfiniteData<Page<Row>> | undefined): Row[] =>
  data?.pages.flatMap((page) => page.items) ?? [];
export const countOf = <Row,>(data: InfiniteData<Page<Row>> | undefined): number | undefined =>
  data?.pages[0]?.count ?? undefined;

/** Up and down move between the rows' first links; the rest of the keyboard is the browser's. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  // The button of a menu has opened it.
  if (event.defaultPrevented) return;
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0 || !(event.target instanceof HTMLElement) || event.target.matches("input, select, textarea")) return;
  const row = event.target.closest<HTMLElement>("[data-row]");
  if (!row) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row] a, [data-row] [data-row-focus]")];
  const here = links.findIndex((link) => row.contains(link));
  const next = links.slice(step > 0 ? here + 1 : 0, step > 0 ? undefined : here);
  const target = (step > 0 ? next : next.reverse()).find((link) => !row.contains(link));
  if (!target) return;
  event.preventDefault();
  target.focus();
}

/**
 * The one table of the product: pages from the server as the reader scrolls, only the visible rows in the document,
 * skeletons while it loads, an error with a way on, an empty state with the next step; a list on a narrow screen.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { query, noun } = props;
  // A state and not a ref: the rows, which exist before it does, have to hear of it.
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const isNarrow = useIsNarrow();
  const rows = useMemo(() => rowsOf(query.data), [query.data]);
  const menu = useRowMenu();
  const menuRow = menu.open && rows.find((row) => props.rowId(row) === menu.open?.id);
  const isMenuLost = menu.open !== undefined && menuRow === undefined;
  useEffect(() => {
    if (isMenuLost) menu.close();
  }, [isMenuLost, menu]);
  const count = countOf(query.data);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, isPlaceholderData, fetchNextPage } = query;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage && !isFetchNextPageError && !isPlaceholderData) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, isPlaceholderData, fetchNextPage]);
  const view = JSON.stringify([props.view, props.sort]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another view is what goes back to the top
  useLayoutEffect(() => {
    if (scroller) scroller.scrollTop = 0;
  }, [view]);

  // What may not be seen any more does not stay on the screen.
  if (query.error && (!query.data || isForbidden(query.error))) {
    return (
      <ErrorView
        error={query.error}
        onRetry={() => void query.refetch()}
        className={cn("flex-1 border-line border-t", props.className)}
      />
    );
  }
  if (!query.isPending && rows.length === 0) {
    return (
      <div
        className={cn(
          "flex min-h-0 flex-1 flex-col justify-center overflow-y-auto border-line border-t",
          props.className,
        )}
      >
        {props.empty}
      </div>
    );
  }
  const Body = isNarrow ? CompactRows : TableGrid;
  return (
    <div
      className={cn("relative flex min-h-0 min-w-0 flex-1 flex-col border-line border-t bg-surface", props.className)}
    >
      {query.isPlaceholderData && (
        // The rows below are still those of the view before.
        <span aria-hidden className="absolute inset-x-0 -top-px z-20 h-0.5 animate-pulse-soft bg-accent" />
      )}
      <section
        ref={setScroller}
        aria-label={`${props.label}, scrolling`}
        aria-busy={query.isPending || query.isPlaceholderData}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
        tabIndex={0}
        onKeyDown={moveFocus}
        className="relative min-h-0 flex-1 overflow-auto -outline-offset-2"
      >
        <Body {...props} rows={rows} count={count} scroller={scroller} onEnd={loadMore} menu={menu} />
      </section>
      {props.rowMenu && (
        <MenuAt place={menuRow && menu.open?.place} onClose={menu.close}>
          {menuRow && props.rowMenu(menuRow)}
        </MenuAt>
      )}
      <p
        aria-live="polite"
        className="flex h-8 shrink-0 items-center gap-2 border-line border-t px-4 text-soft text-xs max-md:px-3"
      >
        {query.isPending || query.isPlaceholderData
          ? "Loading…"
          : (props.summary ?? footer(rows.length, count, noun, hasNextPage))}
        {isFetchingNextPage && " · loading more…"}
        {isFetchNextPageError && (
          <button type="button" className="font-medium text-accent-text underline" onClick={() => void fetchNextPage()}>
            The next rows failed to load. Try again
          </button>
        )}
      </p>
    </div>
  );
}

function footer(shown: number, count: number | undefined, noun: string, hasMore: boolean): string {
  const total = count ?? shown;
  const nouns = total === 1 ? noun.replace(/s$/, "") : noun;
  if (count === undefined && hasMore) return `First ${formatCount(shown)} ${nouns}; more come as you scroll`;
  return shown < total ? `${formatCount(shown)} of ${formatCount(total)} ${nouns}` : `${formatCount(shown)} ${nouns}`;
}
