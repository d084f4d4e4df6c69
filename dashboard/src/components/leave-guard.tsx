import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useRef } from "react";
import { ConfirmDialog } from "@/ui/dialog";

interface LeaveGuard {
  /** Asks, where something would be lost. */
  dialog: ReactNode;
  /** From now on nothing is lost by leaving. */
  letGo: () => void;
}

/** Nobody leaves a page with something unsaved on it without being asked. A session that has ended leaves nothing to save. */
export function useLeaveGuard(isDirty: boolean): LeaveGuard {
  const isFree = useRef(false);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isDirty && !isFree.current && next.pathname !== current.pathname && next.pathname !== "/login",
    enableBeforeUnload: () => isDirty && !isFree.current,
    withResolver: true,
  });
  const isAsking = blocker.status === "blocked";
  return {
    letGo: () => {
      isFree.current = true;
    },
    dialog: (
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => isAsking && blocker.reset()}
        title="Leave without saving?"
        confirmLabel="Leave and lose it"
        onConfirm={() => isAsking && blocker.proceed()}
      >
        <p>What you have changed here is not saved.</p>
      </ConfirmDialog>
    ),
  };
}
