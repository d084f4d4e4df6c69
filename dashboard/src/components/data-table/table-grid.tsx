import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { Fragment, useEffect } from "react";
import { cn } from "@/lib/cn";
import { Checkbox } from "@/ui/checkbox";
import { Skeleton } from "@/ui/panel";
import { type Column, nextSort } from "./column";
import type { DataTableProps } from "./data-table";
import { useFocusedRow } from "./focused-row";
import { useRowActs } from "./row-acts";
import type { RowMenu } from "./row-menu";
import { TableRow } from "./table-row";

const ROW_HEIGHT = 36;
const OVERSCAN = 12;
const SKELETON_ROWS = Array.from({ length: 12 }, (_, index) => index);

export interface BodyProps<Row> extends DataTableProps<Row> {
  rows: Row[];
  count: number | undefined;
  scroller: HTMLElement | null;
  onEnd: () => void;
  menu: RowMenu;
}

const MENU_WIDTH = 40;

/** Without a count from the server, a list that goes on has an unknown number of rows, which ARIA writes as -1. */
function rowCount<Row>({ count, rows, query }: BodyProps<Row>): number {
  return count === undefined && query.hasNextPage ? -1 : (count ?? rows.length) + 1;
}

/** The table as a table: real rows and cells, of which only those in view exist, with their true positions told. */
export function TableGrid<Row>(props: BodyProps<Row>) {
  const { rows, columns, selection, rowId, query, scroller, onEnd, onRow } = props;
  const acts = useRowActs(props);
  const { rangeExtractor, ...focus } = useFocusedRow(rows, rowId);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    rangeExtractor,
    initialRect: { width: 1200, height: 720 },
  });
  const items = virtual.getVirtualItems();
  const last = (virtual.range?.endIndex ?? 0) + OVERSCAN;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 15) onEnd();
  }, [last, rows.length, onEnd]);

  const hasMenu = props.rowMenu !== undefined;
  const minWidth = columns.reduce(
    (sum, column) => sum + column.width,
    (selection ? 40 : 0) + (hasMenu ? MENU_WIDTH : 0),
  );
  const span = columns.length + (selection ? 1 : 0) + (hasMenu ? 1 : 0);
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);

  return (
    <table
      aria-label={props.label}
      aria-rowcount={rowCount(props)}
      aria-colcount={span}
      className="w-full table-fixed border-separate border-spacing-0 text-sm"
      style={{ minWidth }}
    >
      <colgroup>
        {selection && <col style={{ width: 40 }} />}
        {columns.map((column) => (
          <col key={column.id} style={column.isGrowing ? undefined : { width: column.width }} />
        ))}
        {hasMenu && <col style={{ width: MENU_WIDTH }} />}
      </colgroup>
      <TableHead {...props} />
      <tbody {...focus}>
        {query.isPending && <SkeletonRows columns={columns} hasSelection={Boolean(selection)} hasMenu={hasMenu} />}
        {items.map((item, at) => {
          const row = rows[item.index];
          if (!row) return null;
          const id = rowId(row);
          // Before the first row in view, and beside a row that stays for its focus.
          const gap = item.start - (items[at - 1]?.end ?? 0);
          return (
            <Fragment key={id}>
              {gap > 0 && <Gap height={gap} span={span} />}
              <TableRow
                row={row}
                id={id}
                index={item.index}
                columns={columns}
                acts={acts}
                isOpening={onRow !== undefined}
                isSelected={selection?.ids.has(id)}
                isMenuOpen={hasMenu ? props.menu.open?.id === id : undefined}
              />
            </Fragment>
          );
        })}
        {after > 0 && <Gap height={after} span={span} />}
      </tbody>
    </table>
  );
}

function TableHead<Row>({ columns, selection, rows, rowId, sort, onSort, rowMenu }: BodyProps<Row>) {
  const chosen = selection ? rows.filter((row) => selection.ids.has(rowId(row))).length : 0;
  const all = rows.length > 0 && chosen === rows.length;
  const cell =
    "sticky top-0 z-10 h-8 border-line border-b bg-subtle px-2 text-left font-medium text-soft text-xs first:pl-4 last:pr-4";
  return (
    <thead>
      <tr aria-rowindex={1}>
        {selection && (
          <th scope="col" className={cell}>
            <Checkbox
              label="Select all loaded rows"
              checked={all ? true : chosen > 0 ? "indeterminate" : false}
              onChecked={(on) => selection.onChange(new Set(on ? rows.map(rowId) : []))}
            />
          </th>
        )}
        {columns.map((column) => {
          const isSorted = column.sort !== undefined && sort?.by === column.sort;
          return (
            <th
              key={column.id}
              scope="col"
              aria-sort={isSorted ? (sort?.order === "desc" ? "descending" : "ascending") : undefined}
              className={cn(cell, column.align === "right" && "text-right")}
            >
              {column.sort && onSort ? (
                <button
                  type="button"
                  onClick={() => onSort(nextSort(sort, column.sort as string))}
                  className={cn(
                    "inline-flex max-w-full items-center gap-1 rounded hover:text-ink",
                    isSorted && "text-ink",
                  )}
                >
                  <span className="truncate">{column.header}</span>
                  {isSorted &&
                    (sort?.order === "desc" ? (
                      <ArrowDown aria-hidden className="size-3" />
                    ) : (
                      <ArrowUp aria-hidden className="size-3" />
                    ))}
                </button>
              ) : (
                column.header
              )}
            </th>
          );
        })}
        {rowMenu && (
          <th scope="col" className={cn(cell, "right-0 z-20")}>
            <span className="sr-only">Actions</span>
          </th>
        )}
      </tr>
    </thead>
  );
}

function Gap({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={span} style={{ height, padding: 0 }} />
    </tr>
  );
}

interface SkeletonRowsProps<Row> {
  columns: Column<Row>[];
  hasSelection: boolean;
  hasMenu: boolean;
}

function SkeletonRows<Row>({ columns, hasSelection, hasMenu }: SkeletonRowsProps<Row>) {
  return SKELETON_ROWS.map((index) => (
    <tr key={index} aria-hidden className="h-9">
      {hasSelection && <td className="border-line border-b" />}
      {columns.map((column, at) => (
        <td key={column.id} className="border-line border-b px-2 first:pl-4">
          <Skeleton className={cn("h-3", (index + at) % 3 === 0 ? "w-4/5" : "w-1/2")} />
        </td>
      ))}
      {hasMenu && <td className="border-line border-b" />}
    </tr>
  ));
}
