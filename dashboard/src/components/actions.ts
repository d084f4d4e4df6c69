import type { Agent, AgentFilter } from "@/api/types";
import { createStore } from "@/lib/store";
import type { RunValues } from "./command/run-values";
import type { Machine } from "./each-machine";
import type { MachineActionId } from "./machine-actions/machine-actions";

/** All machines that a filter of their list matches, also those that were not loaded. */
export interface AllMatching {
  filter: AgentFilter & { client_id?: string; site_id?: string };
  /** How many the list counts. */
  count: number;
}

/** Dialogs that any page, the palette and the empty states may open. The shell shows them. */
export type AppDialog =
  | { kind: "add_machine"; siteId?: string | undefined }
  | {
      kind: "run_command";
      agents: Machine[];
      /** More than these are meant. */
      all?: AllMatching | undefined;
      /** What is run again. */
      initial?: RunValues;
      onStarted?: () => void;
    }
  | { kind: "run_script"; agents: Machine[]; all?: AllMatching | undefined; onStarted?: () => void }
  | {
      kind: "machine_action";
      action: MachineDialogId;
      machines: Agent[];
      /** What follows, with the machines to which it could not be done. */
      onDone?: ((left: Machine[]) => void) | undefined;
    };

/** Of what can be done with machines, that which asks for nothing but itself. */
export type MachineDialogId = Exclude<MachineActionId, "run_command" | "run_script" | "show_commands">;

export const dialogStore = createStore<AppDialog | null>(null);
export const paletteStore = createStore(false);

/** Nothing that one person has open is there for the next who logs in. */
export function closeEverything(): void {
  dialogStore.set(null);
  paletteStore.set(false);
}

export const openAddMachine = (siteId?: string) => dialogStore.set({ kind: "add_machine", siteId });
