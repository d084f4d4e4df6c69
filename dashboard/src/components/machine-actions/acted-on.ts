/** What the page is about: the machine that it shows, or the rows that are selected in it. The palette offers to do something with it. */
import { useEffect } from "react";
import { createStore } from "@/lib/store";
import type { Target } from "./open-action";

export const actedOnStore = createStore<Target | undefined>(undefined);

export function useActedOn(target: Target | undefined): void {
  useEffect(() => actedOnStore.set(target), [target]);
  useEffect(() => () => actedOnStore.set(undefined), []);
}
