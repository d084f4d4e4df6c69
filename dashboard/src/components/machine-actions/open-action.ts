import { useNavigate } from "@tanstack/react-router";
import type { Agent } from "@/api/types";
import { type AllMatching, dialogStore } from "../actions";
import type { Machine } from "../each-machine";
import { machineOf } from "../enrolment/machine-act";
import type { MachineActionId } from "./machine-actions";

/** Machines that something is done with. */
export interface Target {
  machines: readonly Agent[];
  /** More than these are meant. */
  all?: AllMatching | undefined;
  /** What follows, with the machines to which it could not be done. */
  onDone?: ((left: Machine[]) => void) | undefined;
}

/** Begins what was chosen of the list: every place that shows it goes this way. */
export function useOpenAction(): (id: MachineActionId, target: Target) => void {
  const navigate = useNavigate();
  return (id, { machines, all, onDone }) => {
    const run = { agents: machines.map(machineOf), all, onStarted: () => onDone?.([]) };
    const [first] = machines;
    switch (id) {
      case "run_command":
        return dialogStore.set({ kind: "run_command", ...run });
      case "run_script":
        return dialogStore.set({ kind: "run_script", ...run });
      case "show_commands":
        if (first) void navigate({ to: "/machines/$id", params: { id: first.id }, search: { tab: "commands" } });
        return;
      default:
        return dialogStore.set({ kind: "machine_action", action: id, machines: [...machines], onDone });
    }
  };
}
