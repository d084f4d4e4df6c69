import { CatchBoundary } from "@tanstack/react-router";
import { Suspense } from "react";
import { type AppDialog, dialogStore } from "@/components/actions";
import { ErrorView } from "@/components/feedback";
import { lazyPart } from "@/lib/lazy-part";
import { useStore } from "@/lib/store";
import { Dialog } from "@/ui/dialog";
import { RunDialog } from "./run-dialog";

const AddMachineDialog = lazyPart(() =>
  import("@/components/add-machine/add-machine-dialog").then((module) => module.AddMachineDialog),
);
const RunScriptDialog = lazyPart(() =>
  import("@/components/script/run-script-dialog").then((module) => module.RunScriptDialog),
);
const MachineActionDialog = lazyPart(() =>
  import("@/components/machine-actions/machine-action-dialog").then((module) => module.MachineActionDialog),
);

const TITLE: Record<AppDialog["kind"], string> = {
  add_machine: "Add a machine",
  run_command: "Run a command",
  run_script: "Run a script",
  machine_action: "Actions",
};

/** The dialogs that can be opened from anywhere. */
export function AppDialogs() {
  const dialog = useStore(dialogStore);
  if (!dialog) return null;
  return (
    <CatchBoundary
      getResetKey={() => dialog.kind}
      errorComponent={({ error }) => <FailedDialog error={error} title={TITLE[dialog.kind]} />}
    >
      <Suspense fallback={null}>
        <OneDialog dialog={dialog} />
      </Suspense>
    </CatchBoundary>
  );
}

const close = () => dialogStore.set(null);

function OneDialog({ dialog }: { dialog: AppDialog }) {
  switch (dialog.kind) {
    case "add_machine":
      return <AddMachineDialog siteId={dialog.siteId} onClose={close} />;
    case "run_command":
      return <RunDialog dialog={dialog} onClose={close} />;
    case "run_script":
      return (
        <RunScriptDialog
          machines={dialog.agents}
          all={dialog.all}
          onClose={close}
          onStarted={() => dialog.onStarted?.()}
        />
      );
    case "machine_action":
      return <MachineActionDialog dialog={dialog} onClose={close} />;
  }
}

/** A dialog that fails leaves the page behind it alone. */
function FailedDialog({ error, title }: { error: unknown; title: string }) {
  return (
    <Dialog isOpen onClose={close} title={title}>
      <ErrorView error={error} onRetry={() => window.location.reload()} retryLabel="Reload the page" />
    </Dialog>
  );
}
