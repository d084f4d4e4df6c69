import { useMemo } from "react";
import { createStore, type Store, useStore } from "@/lib/store";
import type { Column } from "./column";

/** The columns that the reader switched on or off; the others are as their table wants them. */
export type ColumnChoice = Record<string, boolean>;

const stores = new Map<string, Store<ColumnChoice>>();

export const isColumnChoice = (value: unknown): value is ColumnChoice =>
  typeof value === "object" && value !== null && Object.values(value).every((on) => typeof on === "boolean");

function storeOf(table: string): Store<ColumnChoice> {
  const known = stores.get(table);
  if (known) return known;
  const made = createStore<ColumnChoice>({}, `gururmm.columns.${table}`, isColumnChoice);
  stores.set(table, made);
  return made;
}

/** Which columns of a table are shown; kept on this machine under the table's name. */
export function useColumns<Row>(table: string, columns: Column<Row>[]) {
  const store = storeOf(table);
  const choice = useStore(store);
  return useMemo(() => {
    const isVisible = (column: Column<Row>) => column.isFixed === true || (choice[column.id] ?? !column.isHidden);
    return {
      visible: columns.filter(isVisible),
      isVisible,
      setVisible: (id: string, on: boolean) => store.set((before) => ({ ...before, [id]: on })),
      choice,
      setChoice: (next: ColumnChoice) => store.set(next),
    };
  }, [choice, columns, store]);
}
