import type { ReactNode } from "react";
import { dialogStore } from "@/components/actions";
import { MachineActionDialog } from "@/components/machine-actions/machine-action-dialog";
import { useStore } from "@/lib/store";

/** A part of the page, and beside it what the shell shows when something is done with machines. */
export function WithMachineDialogs({ children }: { children: ReactNode }) {
  const dialog = useStore(dialogStore);
  return (
    <>
      {children}
      {dialog?.kind === "machine_action" && (
        <MachineActionDialog dialog={dialog} onClose={() => dialogStore.set(null)} />
      )}
    </>
  );
}
