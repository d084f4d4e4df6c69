import { type MouseEvent, useLayoutEffect, useMemo, useRef } from "react";
import type { MenuPlace } from "@/ui/menu";
import { pointOf } from "./row-menu";
import type { BodyProps } from "./table-grid";

/** What can be done with a row. Stays the same object, so that a row is rendered anew only when it has changed. */
export interface RowActs<Row> {
  label: (row: Row) => string;
  toggle: (row: Row, on: boolean) => void;
  open: (row: Row, event: MouseEvent) => void;
  menu: (row: Row, at: MenuPlace["at"]) => void;
  /** A right click opens the same menu where the pointer is. */
  rightClick: (row: Row, event: MouseEvent) => void;
  /** The id that the button of the menu has in the document. */
  menuButton: (row: Row) => string;
}

export function useRowActs<Row>(props: BodyProps<Row>): RowActs<Row> {
  const newest = useRef(props);
  useLayoutEffect(() => {
    newest.current = props;
  });
  return useMemo(() => {
    const menu: RowActs<Row>["menu"] = (row, at) => newest.current.menu.show(newest.current.rowId(row), at);
    return {
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
      menu,
      rightClick: (row, event) => {
        event.preventDefault();
        menu(row, pointOf(event));
      },
      menuButton: (row) => newest.current.menu.buttonOf(newest.current.rowId(row)),
    };
  }, []);
}
