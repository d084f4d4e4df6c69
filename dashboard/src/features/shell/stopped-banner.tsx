import { OctagonX } from "lucide-react";
import { StartAgain } from "@/components/command-run/start-again";
import { useStopped } from "@/components/command-run/stopped";
import { useCannot } from "@/components/me";
import { Time } from "@/components/time";

/** On every page, while all commands are stopped: who did it, when and why, and the way back for those who may. */
export function StoppedBanner() {
  const stopped = useStopped();
  const cannotStart = useCannot("commands.stop_all");
  return (
    <div role="status" className="shrink-0 empty:hidden">
      {stopped && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-b bg-bad-soft px-4 py-2 text-sm max-md:px-3">
          <OctagonX aria-hidden className="size-4 shrink-0 text-bad" />
          <p className="min-w-0 flex-1 basis-56 break-words">
            <span className="font-semibold text-bad">All commands are stopped.</span> {stopped.by} did it{" "}
            <Time value={stopped.at} />
            {stopped.reason && <>: “{stopped.reason}”</>}
          </p>
          {!cannotStart && <StartAgain size="sm" />}
        </div>
      )}
    </div>
  );
}
