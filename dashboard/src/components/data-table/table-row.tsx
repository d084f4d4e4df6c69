import { type MouseEvent, memo } from "react";
import { cn } from "@/lib/cn";
import { Checkbox } from "@/ui/checkbox";
import type { Column } from "./column";

interface TableRowProps<Row> {
  row: Row;
  id: string;
  /** Its number among all rows, the header being the first. */
  ariaIndex: number;
  columns: Column<Row>[];
  label: string;
  /** Undefined where rows are not selected. */
  isSelected: boolean | undefined;
  onToggle: (id: string, on: boolean) => void;
  onOpen: ((row: Row) => void) | undefined;
}

/** A click that means the row: not one of its controls, and not the end of selecting text. */
function meansRow({ target }: MouseEvent): boolean {
  if (!(target instanceof HTMLElement) || target.closest("a, button, input, label")) return false;
  return !window.getSelection()?.toString();
}

function PlainTableRow<Row>(props: TableRowProps<Row>) {
  const { row, id, columns, isSelected, onOpen } = props;
  return (
    <tr
      data-row={id}
      aria-rowindex={props.ariaIndex}
      onClick={onOpen && ((event) => meansRow(event) && onOpen(row))}
      className={cn("group h-9", onOpen && "cursor-pointer", isSelected ? "bg-accent-soft" : "hover:bg-subtle")}
    >
      {isSelected !== undefined && (
        <td className="border-line border-b pl-4">
          <Checkbox
            label={`Select ${props.label}`}
            checked={isSelected}
            onChecked={(on) => props.onToggle(id, on)}
          />
        </td>
      )}
      {columns.map((column) => (
        <td
          key={column.id}
          className={cn(
            "h-9 truncate border-line border-b px-2 first:pl-4 last:pr-4",
            column.align === "right" && "text-right",
          )}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

/** Rendered again only when its own row changes: a fleet reports all the time, and few of its rows are in view. */
export const TableRow = memo(PlainTableRow) as typeof PlainTableRow;
