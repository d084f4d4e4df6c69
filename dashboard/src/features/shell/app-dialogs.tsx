import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { type AppDialog, dialogStore } from "@/components/actions";
import { RunForm } from "@/components/command/run-form";
import { plural } from "@/lib/format";
import { useStore } from "@/lib/store";
import { Dialog } from "@/ui/dialog";
import { toast } from "@/ui/toaster";

const AddMachineDialog = lazy(() =>
  import("@/components/add-machine/add-machine-dialog").then((module) => ({ default: module.AddMachineDialog })),
);

/** The dialogs that can be opened from anywhere. */
export function AppDialogs() {
  const dialog = useStore(dialogStore);
  const close = () => dialogStore.set(null);
  if (dialog?.kind === "add_machine") {
    return (
      <Suspense fallback={null}>
        <AddMachineDialog siteId={dialog.siteId} onClose={close} />
      </Suspense>
    );
  }
  if (dialog?.kind === "run_command") return <RunDialog dialog={dialog} onClose={close} />;
  return null;
}

function RunDialog({ dialog, onClose }: { dialog: Extract<AppDialog, { kind: "run_command" }>; onClose: () => void }) {
  const navigate = useNavigate();
  const { agents } = dialog;
  const first = agents[0];
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Run a command"
      description={agents.length === 1 && first ? `On ${first.name}` : `On ${plural(agents.length, "machine")}`}
      className="max-w-xl"
    >
      <RunForm
        agents={agents}
        hasFocus
        onStarted={(commands) => {
          onClose();
          dialog.onStarted?.();
          const missed = agents.length - commands.length;
          if (missed > 0)
            toast(
              "failed",
              `${plural(missed, "machine")} refused the command`,
              `${plural(commands.length, "machine")} took it.`,
            );
          else toast("done", `Sent to ${plural(commands.length, "machine")}`);
          void navigate({ to: "/commands" });
        }}
      />
    </Dialog>
  );
}
