import { RotateCw } from "lucide-react";
import { useState } from "react";
import type { CommandRun } from "@/api/types";
import { failedOf } from "@/components/command-run/counts";
import { useWhyStopped } from "@/components/command-run/stopped";
import { useCannot } from "@/components/me";
import { Button } from "@/ui/button";
import { RerunDialog } from "./rerun-dialog";

/** Repeats a run on the machines where it failed. */
export function Rerun({ run }: { run: CommandRun }) {
  const [isAsking, setAsking] = useState(false);
  const lacking = useCannot("commands.run");
  const stopped = useWhyStopped();
  const nothing = failedOf(run.counts) === 0 && "It failed on no machine.";
  return (
    <>
      <Button disabledReason={lacking ?? stopped ?? nothing} onClick={() => setAsking(true)}>
        <RotateCw /> Run again where it failed…
      </Button>
      {isAsking && <RerunDialog run={run} onClose={() => setAsking(false)} />}
    </>
  );
}
