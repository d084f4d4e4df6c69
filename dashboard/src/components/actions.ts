import { createStore } from "@/lib/store";
import type { RunValues } from "./command/run-values";
import type { Machine } from "./each-machine";

/** Dialogs that any page, the palette and the empty states may open. The shell shows them. */
export type AppDialog =
  | { kind: "add_machine"; siteId?: string | undefined }
  | {
      kind: "run_command";
      agents: Machine[];
      /** What is run again. */
      initial?: RunValues;
      onStarted?: (refused: Machine[]) => void;
    };

export const dialogStore = createStore<AppDialog | null>(null);
export const paletteStore = createStore(false);

/** Nothing that one person has open is there for the next who logs in. */
export function closeEverything(): void {
  dialogStore.set(null);
  paletteStore.set(false);
}

export const openAddMachine = (siteId?: string) => dialogStore.set({ kind: "add_machine", siteId });
