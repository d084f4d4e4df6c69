import { memo } from "react";
import { cn } from "@/lib/cn";
import { Checkbox } from "@/ui/checkbox";
import type { Column } from "./column";
import type { RowActs } from "./row-acts";
import { RowMenuButton } from "./row-menu";

interface TableRowProps<Row> {
  row: Row;
  id: string;
  /** Its place among all rows, from 0. */
  index: number;
  columns: Column<Row>[];
  acts: RowActs<Row>;
  isOpening: boolean;
  /** Nothing where rows cannot be selected. */
  isSelected: boolean | undefined;
  /** Nothing where rows have no menu. */
  isMenuOpen: boolean | undefined;
}

function Plain<Row>({ row, id, index, columns, acts, isOpening, isSelected, isMenuOpen }: TableRowProps<Row>) {
  return (
    <tr
      data-row={id}
      aria-rowindex={index + 2}
      onClick={isOpening ? (event) => acts.open(row, event) : undefined}
      onContextMenu={isMenuOpen === undefined ? undefined : (event) => acts.rightClick(row, event)}
      className={cn("group h-9", isOpening && "cursor-pointer", isSelected ? "bg-accent-soft" : "hover:bg-subtle")}
    >
      {isSelected !== undefined && (
        <td className="border-line border-b pl-4">
          <Checkbox label={`Select ${acts.label(row)}`} checked={isSelected} onChecked={(on) => acts.toggle(row, on)} />
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
      {isMenuOpen !== undefined && (
        // It stays in sight when the table is wider than the screen.
        <td
          className={cn(
            "sticky right-0 h-9 border-line border-b pr-2 text-right",
            isSelected ? "bg-accent-soft" : "bg-surface group-hover:bg-subtle",
          )}
        >
          <RowMenuButton row={row} acts={acts} isOpen={isMenuOpen} />
        </td>
      )}
    </tr>
  );
}

/** One row. Of thousands that are alive a few change at a time: the others are left as they are. */
export const TableRow = memo(Plain) as typeof Plain;
