/** Views that were kept in this browser, before the server kept them: they are taken over once. */
import { useEffect } from "react";
import { call, invalidate } from "@/api/client";
import { ApiError } from "@/api/problem";
import { type ColumnChoice, isColumnChoice } from "@/components/data-table/use-columns";
import { createStore } from "@/lib/store";
import { textsOf } from "./search";

interface LocalView {
  name: string;
  search: object;
  /** Views that were saved before columns belonged to them have none. */
  columns?: ColumnChoice;
}

const isViews = (value: unknown): value is LocalView[] =>
  Array.isArray(value) &&
  value.every(
    (view) =>
      typeof view === "object" &&
      view !== null &&
      typeof view.name === "string" &&
      typeof view.search === "object" &&
      (view.columns === undefined || isColumnChoice(view.columns)),
  );

const localViews = createStore<LocalView[]>([], "gururmm.views.machines", isViews);
let isUnderWay = false;

/** One after the other; what the server refuses will not become right by itself, what it cannot take now is tried next time. */
async function takeOver(): Promise<void> {
  if (isUnderWay || localViews.get().length === 0) return;
  isUnderWay = true;
  try {
    for (const view of localViews.get()) {
      const body = { name: view.name, search: textsOf(view.search), columns: view.columns ?? {} };
      await call("saved_view_create", { body }).catch((error: unknown) => {
        if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500 || error.status === 401)
          throw error;
      });
      localViews.set((left) => left.filter((other) => other !== view));
    }
    await invalidate("saved_view_list");
  } catch {
    // They stay in this browser until the next visit.
  } finally {
    isUnderWay = false;
  }
}

export function useLocalViewsTakenOver(): void {
  useEffect(() => void takeOver(), []);
}
