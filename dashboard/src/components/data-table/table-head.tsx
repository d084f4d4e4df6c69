import { ArrowDown, ArrowUp } from "lucide-react";
import { memo } from "react";
import { cn } from "@/lib/cn";
import { Checkbox } from "@/ui/checkbox";
import { type Column, nextSort, type Sort } from "./column";

const CELL =
  "sticky top-0 z-10 h-8 border-line border-b bg-subtle px-2 text-left font-medium text-soft text-xs first:pl-4 last:pr-4";

interface TableHeadProps<Row> {
  columns: Column<Row>[];
  /** Whether all rows are selected or some; undefined where rows are not selected. */
  selected: boolean | "indeterminate" | undefined;
  onSelectAll: (on: boolean) => void;
  sort: Sort | undefined;
  onSort: ((sort: Sort) => void) | undefined;
}

function PlainTableHead<Row>({ columns, selected, onSelectAll, sort, onSort }: TableHeadProps<Row>) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        {selected !== undefined && (
          <th scope="col" className={CELL}>
            <Checkbox label="Select all loaded rows" checked={selected} onChecked={onSelectAll} />
          </th>
        )}
        {columns.map((column) => {
          const isSorted = column.sort !== undefined && sort?.by === column.sort;
          return (
            <th
              key={column.id}
              scope="col"
              aria-sort={isSorted ? (sort?.order === "desc" ? "descending" : "ascending") : undefined}
              className={cn(CELL, column.align === "right" && "text-right")}
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
      </tr>
    </thead>
  );
}

export const TableHead = memo(PlainTableHead) as typeof PlainTableHead;
