import { useNavigate } from "@tanstack/react-router";
import type { CommandRun } from "@/api/types";
import type { AppDialog } from "@/components/actions";
import { RunOnMany } from "@/components/command/run-on-many";
import { RunOnOne } from "@/components/command/run-on-one";
import { plural } from "@/lib/format";
import { Dialog } from "@/ui/dialog";
import { toast } from "@/ui/toaster";

interface RunDialogProps {
  dialog: Extract<AppDialog, { kind: "run_command" }>;
  onClose: () => void;
}

/** Runs something on one machine, or asks for a run on many and leads to it. */
export function RunDialog({ dialog, onClose }: RunDialogProps) {
  const navigate = useNavigate();
  const { agents, all, initial } = dialog;
  const [first] = agents;
  const isOne = agents.length === 1 && !all;
  const started = (told: () => void) => {
    onClose();
    dialog.onStarted?.();
    told();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={initial ? "Run again" : "Run a command"}
      description={whereWords(dialog)}
      className="max-w-2xl"
      isSticky
    >
      {isOne && first ? (
        <RunOnOne
          agent={first}
          initial={initial}
          hasFocus
          onStarted={({ id }) =>
            started(() => {
              toast("done", `Sent to ${plural(1, "machine")}`);
              if (initial) void navigate({ to: "/commands/$id", params: { id } });
              else
                void navigate({
                  to: "/machines/$id",
                  params: { id: first.id },
                  search: { tab: "commands", command: id },
                });
            })
          }
        />
      ) : (
        <RunOnMany
          agents={agents}
          all={all}
          initial={initial}
          hasFocus
          onStarted={(run) =>
            started(() => {
              tell(run);
              void navigate({ to: "/command-runs/$id", params: { id: run.id } });
            })
          }
        />
      )}
    </Dialog>
  );
}

function whereWords({ agents, all }: RunDialogProps["dialog"]): string {
  if (all) return `On all that match, ${plural(all.count, "machine")} in the list`;
  return agents.length === 1 && agents[0] ? `On ${agents[0].name}` : `On ${plural(agents.length, "machine")}`;
}

function tell(run: CommandRun): void {
  if (run.status === "awaiting_approval") {
    toast("note", "A second person has to approve it", "It begins as soon as somebody has.");
  } else {
    toast("done", `Running on ${plural(run.counts.total, "machine")}`);
  }
}
