import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type ReactNode, useEffect } from "react";
import { cn } from "@/lib/cn";
import { Checkbox } from "@/ui/checkbox";
import { Skeleton } from "@/ui/panel";
import { useFocusedRow } from "./focused-row";
import { type RowActs, useRowActs } from "./row-acts";
import { RowMenuButton } from "./row-menu";
import { SortSelect } from "./sort-select";
import type { BodyProps } from "./table-grid";

const ROW_HEIGHT = 64;
const OVERSCAN = 8;
const SKELETON_ROWS = Array.from({ length: 8 }, (_, index) => index);

/** The table on a narrow screen: a list of two-line rows. */
export function CompactRows<Row>(props: BodyProps<Row>) {
  const { rows, rowId, selection, scroller, onEnd } = props;
  const acts = useRowActs(props);
  const { rangeExtractor, ...focus } = useFocusedRow(rows, rowId);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    rangeExtractor,
    initialRect: { width: 390, height: 600 },
  });
  const items = virtual.getVirtualItems();
  const last = (virtual.range?.endIndex ?? 0) + OVERSCAN;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 10) onEnd();
  }, [last, rows.length, onEnd]);

  if (props.query.isPending) {
    return (
      <div aria-hidden>
        {SKELETON_ROWS.map((index) => (
          <div key={index} className="flex h-16 flex-col justify-center gap-2 border-line border-b px-3">
            <Skeleton className="h-3 w-1/2" />
            <Skeleton className="h-3 w-3/4" />
          </div>
        ))}
      </div>
    );
  }
  const chosen = selection ? rows.filter((row) => selection.ids.has(rowId(row))).length : 0;
  return (
    <>
      {(selection || props.onSort) && (
        <div className="sticky top-0 z-10 flex h-12 items-center gap-3 border-line border-b bg-subtle px-3">
          {selection && (
            <Checkbox
              isLabelVisible
              label="Select all loaded"
              checked={chosen > 0 && chosen === rows.length ? true : chosen > 0 ? "indeterminate" : false}
              onChecked={(on) => selection.onChange(new Set(on ? rows.map(rowId) : []))}
            />
          )}
          {props.onSort && (
            <SortSelect columns={props.allColumns ?? props.columns} sort={props.sort} onSort={props.onSort} />
          )}
        </div>
      )}
      <ul {...focus} aria-label={props.label} className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const id = rowId(row);
          return (
            <CompactRow
              key={id}
              row={row}
              id={id}
              index={item.index}
              count={props.count ?? rows.length}
              start={item.start}
              acts={acts}
              content={props.compact}
              isSelected={selection?.ids.has(id)}
              isMenuOpen={props.rowMenu ? props.menu.open?.id === id : undefined}
            />
          );
        })}
      </ul>
    </>
  );
}

interface CompactRowProps<Row> {
  row: Row;
  id: string;
  /** Its place among all rows, from 0. */
  index: number;
  count: number;
  /** Where it begins, in pixels. */
  start: number;
  acts: RowActs<Row>;
  content: (row: Row) => ReactNode;
  /** Nothing where rows cannot be selected. */
  isSelected: boolean | undefined;
  /** Nothing where rows have no menu. */
  isMenuOpen: boolean | undefined;
}

function Plain<Row>(props: CompactRowProps<Row>) {
  const { row, id, index, count, start, acts, content, isSelected, isMenuOpen } = props;
  return (
    <li
      data-row={id}
      aria-setsize={count}
      aria-posinset={index + 1}
      className={cn(
        "absolute inset-x-0 flex items-center gap-3 border-line border-b px-3",
        isSelected && "bg-accent-soft",
      )}
      onContextMenu={isMenuOpen === undefined ? undefined : (event) => acts.rightClick(row, event)}
      style={{ height: ROW_HEIGHT, transform: `translateY(${start}px)` }}
    >
      {isSelected !== undefined && (
        <Checkbox label={`Select ${acts.label(row)}`} checked={isSelected} onChecked={(on) => acts.toggle(row, on)} />
      )}
      <div className="min-w-0 flex-1">{content(row)}</div>
      {isMenuOpen !== undefined && <RowMenuButton row={row} acts={acts} isOpen={isMenuOpen} className="-mr-2 -ml-1" />}
    </li>
  );
}

const CompactRow = memo(Plain) as typeof Plain;
