import { ArrowDownWideNarrow, ArrowUpNarrowWide } from "lucide-react";
import { IconButton } from "@/ui/button";
import { Select } from "@/ui/input";
import type { Column, Sort } from "./column";

interface SortSelectProps<Row> {
  columns: Column<Row>[];
  sort: Sort | undefined;
  onSort: (sort: Sort) => void;
}

/** The order of the rows, where there are no headers to click. */
export function SortSelect<Row>({ columns, sort, onSort }: SortSelectProps<Row>) {
  const sortable = columns.filter((column) => column.sort !== undefined);
  const order = sort?.order ?? "asc";
  const choose = (by: string) =>
    onSort({ by, order: columns.find((column) => column.sort === by)?.sortFirst ?? "asc" });
  return (
    <span className="ml-auto flex items-center gap-1">
      <Select aria-label="Sort by" value={sort?.by ?? ""} onChange={(event) => choose(event.target.value)}>
        {sort === undefined && <option value="">Sort by…</option>}
        {sortable.map((column) => (
          <option key={column.id} value={column.sort}>
            {column.header}
          </option>
        ))}
      </Select>
      <IconButton
        label={order === "asc" ? "Lowest first; turn round" : "Highest first; turn round"}
        onClick={() => sort && onSort({ by: sort.by, order: order === "asc" ? "desc" : "asc" })}
      >
        {order === "asc" ? <ArrowUpNarrowWide /> : <ArrowDownWideNarrow />}
      </IconButton>
    </span>
  );
}
