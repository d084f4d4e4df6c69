import type { ReactNode } from "react";

/** A link or a button in a cell: as high as WCAG wants a target, however short its text. */
export const CELL_LINK = "inline-block min-w-6 max-w-full truncate text-left align-middle leading-6 hover:underline";

/** One column of a table. Declared at module scope, so that its identity never changes. */
export interface Column<Row> {
  id: string;
  header: string;
  /** In pixels; a growing column shares what is left and never gets narrower than this. */
  width: number;
  isGrowing?: boolean;
  cell: (row: Row) => ReactNode;
  /** The server's name for sorting by this column. */
  sort?: string;
  /** The order that one most likely wants first; ascending unless told. */
  sortFirst?: "desc";
  align?: "right";
  /** The plain value for the CSV; without it the column is not exported. */
  csv?: (row: Row) => string | number | boolean | null | undefined;
  /** Cannot be switched off in the column chooser. */
  isFixed?: boolean;
  /** Off until the reader switches it on. */
  isHidden?: boolean;
}

export interface Sort {
  by: string;
  order: "asc" | "desc";
}

/** The next state of a header that is clicked: ascending, then descending. */
export function nextSort(current: Sort | undefined, by: string): Sort {
  return { by, order: current?.by === by && current.order === "asc" ? "desc" : "asc" };
}
