import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect } from "react";
import { cn } from "@/lib/cn";
import { Checkbox } from "@/ui/checkbox";
import { Skeleton } from "@/ui/panel";
import { useFocusedRow } from "./focused-row";
import { SortSelect } from "./sort-select";
import type { BodyProps } from "./table-grid";

const ROW_HEIGHT = 64;
const OVERSCAN = 8;
const SKELETON_ROWS = Array.from({ length: 8 }, (_, index) => index);

/** The table on a narrow screen: a list of two-line rows. */
export function CompactRows<Row>(props: BodyProps<Row>) {
  const { rows, rowId, selection, scroller, onEnd } = props;
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
          const isSelected = selection?.ids.has(id) ?? false;
          return (
            <li
              key={id}
              data-row={id}
              aria-setsize={props.count ?? rows.length}
              aria-posinset={item.index + 1}
              className={cn(
                "absolute inset-x-0 flex items-center gap-3 border-line border-b px-3",
                isSelected && "bg-accent-soft",
              )}
              style={{ height: ROW_HEIGHT, transform: `translateY(${item.start}px)` }}
            >
              {selection && (
                <Checkbox
                  label={`Select ${props.rowLabel(row)}`}
                  checked={isSelected}
                  onChecked={(on) => {
                    const next = new Set(selection.ids);
                    if (on) next.add(id);
                    else next.delete(id);
                    selection.onChange(next);
                  }}
                />
              )}
              <div className="min-w-0 flex-1">{props.compact(row)}</div>
            </li>
          );
        })}
      </ul>
    </>
  );
}
