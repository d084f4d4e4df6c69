import { type MouseEvent, useLayoutEffect, useMemo, useRef } from "react";
import type { DataTableProps } from "./data-table";

/** What can be done with a row. Stays the same object, so that a row is rendered anew only when it has changed. */
export interface RowActs<Row> {
  label: (row: Row) => string;
  toggle: (row: Row, on: boolean) => void;
  open: (row: Row, event: MouseEvent) => void;
}

export function useRowActs<Row>(props: DataTableProps<Row>): RowActs<Row> {
  const newest = useRef(props);
  useLayoutEffect(() => {
    newest.current = props;
  });
  return useMemo(
    () => ({
      label: (row) => newest.current.rowLabel(row),
      toggle: (row, on) => {
        const { selection, rowId } = newest.current;
        const next = new Set(selection?.ids);
        if (on) next.add(rowId(row));
        else next.delete(rowId(row));
        selection?.onChange(next);
      },
      open: (row, event) => {
        if (!(event.target instanceof HTMLElement) || event.target.closest("a, button, input, label")) return;
        if (window.getSelection()?.toString()) return;
        newest.current.onRow?.(row);
      },
    }),
    [],
  );
}
