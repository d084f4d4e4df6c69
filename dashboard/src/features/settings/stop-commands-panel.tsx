import { useQuery } from "@tanstack/react-query";
import { OctagonX } from "lucide-react";
import { q } from "@/api/client";
import { StartAgain } from "@/components/command-run/start-again";
import { useStopped } from "@/components/command-run/stopped";
import { useCannot } from "@/components/me";
import { Time } from "@/components/time";
import { Facts, Panel, Skeleton } from "@/ui/panel";
import { StopCommandsForm } from "./stop-commands-form";

/** The kill switch: everything that waits or runs ends, and nothing starts until somebody lets it. */
export function StopCommandsPanel() {
  const stopped = useStopped();
  const cannotSee = useCannot("organisation.view");
  const cannotStop = useCannot("commands.stop_all");
  const { isPending } = useQuery({ ...q("organisation_get", {}), enabled: !cannotSee });
  if (cannotSee && cannotStop) return null;
  return (
    <Panel
      title={
        <span className="flex items-center gap-2">
          <OctagonX aria-hidden className="size-4 shrink-0 text-bad" /> Stop all commands
        </span>
      }
      bodyClassName="flex flex-col gap-3"
    >
      {isPending && !cannotSee ? (
        <Skeleton className="h-32 w-full" />
      ) : stopped ? (
        <>
          <p className="text-sm">They are stopped: no command and no run starts anywhere in the organisation.</p>
          <Facts
            items={[
              { name: "Stopped", value: <Time value={stopped.at} /> },
              { name: "By", value: stopped.by },
              { name: "Why", value: stopped.reason || "—" },
            ]}
          />
          <div className="flex justify-end">
            <StartAgain />
          </div>
        </>
      ) : (
        <>
          <p className="text-sm text-soft">
            For an emergency. Everything that waits is cancelled, everything that runs is ended on its machine, and
            nothing starts until somebody lets it. What was stopped stays so.
          </p>
          <StopCommandsForm cannot={cannotStop} />
        </>
      )}
    </Panel>
  );
}
