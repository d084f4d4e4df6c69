import { CatchBoundary, useNavigate } from "@tanstack/react-router";
import { Suspense } from "react";
import { type AppDialog, dialogStore } from "@/components/actions";
import { RunForm } from "@/components/command/run-form";
import { namesOf } from "@/components/each-machine";
import { ErrorView } from "@/components/feedback";
import { plural } from "@/lib/format";
import { lazyPart } from "@/lib/lazy-part";
import { useStore } from "@/lib/store";
import { Dialog } from "@/ui/dialog";
import { toast } from "@/ui/toaster";

const AddMachineDialog = lazyPart(() =>
  import("@/components/add-machine/add-machine-dialog").then((module) => module.AddMachineDialog),
);

/** The dialogs that can be opened from anywhere. */
export function AppDialogs() {
  const dialog = useStore(dialogStore);
  const close = () => dialogStore.set(null);
  if (dialog?.kind === "add_machine") {
    return (
      <CatchBoundary
        getResetKey={() => "add_machine"}
        errorComponent={({ error }) => <FailedDialog error={error} onClose={close} />}
      >
        <Suspense fallback={null}>
          <AddMachineDialog siteId={dialog.siteId} onClose={close} />
        </Suspense>
      </CatchBoundary>
    );
  }
  if (dialog?.kind === "run_command") return <RunDialog dialog={dialog} onClose={close} />;
  return null;
}

/** A dialog that fails leaves the page behind it alone. */
function FailedDialog({ error, onClose }: { error: unknown; onClose: () => void }) {
  return (
    <Dialog isOpen onClose={onClose} title="Add a machine">
      <ErrorView error={error} onRetry={() => window.location.reload()} retryLabel="Reload the page" />
    </Dialog>
  );
}

function RunDialog({ dialog, onClose }: { dialog: Extract<AppDialog, { kind: "run_command" }>; onClose: () => void }) {
  const navigate = useNavigate();
  const { agents } = dialog;
  const first = agents[0];
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={dialog.initial ? "Run again" : "Run a command"}
      description={agents.length === 1 && first ? `On ${first.name}` : `On ${plural(agents.length, "machine")}`}
      className="max-w-2xl"
      isSticky
    >
      <RunForm
        agents={agents}
        initial={dialog.initial}
        hasFocus
        onStarted={(commands, refused) => {
          onClose();
          dialog.onStarted?.(refused);
          const sent = `Sent to ${plural(commands.length, "machine")}`;
          if (refused.length === 0) {
            toast("done", sent);
            const only = dialog.initial && commands[0];
            if (only) void navigate({ to: "/commands/$id", params: { id: only.id } });
            else void navigate({ to: "/commands" });
          } else {
            // The page stays, where those that are left are still selected.
            toast("failed", `${sent}, not to ${plural(refused.length, "machine")}`, `Try again: ${namesOf(refused)}`);
          }
        }}
      />
    </Dialog>
  );
}
