import { CircleStop } from "lucide-react";
import { useState } from "react";
import { call, invalidate } from "@/api/client";
import type { CommandRun } from "@/api/types";
import { refusal } from "@/components/command-run/refusal";
import { useCannot, useMe } from "@/components/me";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { toast } from "@/ui/toaster";
import { RUN_STALE } from "./stale";

/** Of how many machines something may be stopped. */
export const openOf = ({ counts }: CommandRun): number =>
  counts.awaiting_approval + counts.waiting + counts.queued + counts.offline + counts.running;

/** Whoever may run scripts only stops what they have asked for. */
function useCannotStop(run: CommandRun): string | undefined {
  const isOwn = useMe()?.user.id === run.created_by;
  const cannotRun = useCannot("commands.run");
  const cannotRunScripts = useCannot("scripts.run");
  return isOwn && !cannotRunScripts ? undefined : cannotRun;
}

/** Ends all that is open of a run, after a question; whoever waits for approval takes it back by this. */
export function StopRun({ run }: { run: CommandRun }) {
  const [isAsking, setAsking] = useState(false);
  const [isPending, setPending] = useState(false);
  const cannot = useCannotStop(run);
  const isAwaiting = run.status === "awaiting_approval";
  const stop = async () => {
    setPending(true);
    try {
      await call("command_run_stop", { path: { id: run.id } });
      toast("done", isAwaiting ? "Taken back: nothing of it runs" : "The run was stopped");
    } catch (error) {
      toast("failed", isAwaiting ? "It was not taken back" : "The run was not stopped", refusal(error));
    }
    void invalidate(...RUN_STALE);
    setPending(false);
    setAsking(false);
  };
  return (
    <>
      <Button variant="danger" disabledReason={cannot} onClick={() => setAsking(true)}>
        <CircleStop /> {isAwaiting ? "Take it back…" : "Stop…"}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={isAwaiting ? "Take this run back?" : `Stop this run on ${plural(openOf(run), "machine")}?`}
        confirmLabel={isAwaiting ? "Take it back" : "Stop the run"}
        isPending={isPending}
        onConfirm={() => void stop()}
      >
        <p>
          {isAwaiting
            ? "Nobody has to decide about it any more, and nothing of it runs."
            : "What has not begun never does. What runs is ended on its machine with all that it started, now or when the machine comes back. What has ended stays as it is."}
        </p>
      </ConfirmDialog>
    </>
  );
}
