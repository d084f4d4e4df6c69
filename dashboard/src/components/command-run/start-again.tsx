import type { Operation } from "@/api/operations";
import { Button } from "@/ui/button";
import { useCannot } from "../me";
import { useAction } from "../use-action";

/** What the kill switch changes. */
export const STOPPED_STALE: Operation[] = [
  "organisation_get",
  "command_list",
  "command_get",
  "command_run_list",
  "command_run_get",
  "command_run_groups",
  "audit_event_list",
];

/** Ends what "Stop all commands" began. */
export function StartAgain({ size }: { size?: "sm" }) {
  const cannot = useCannot("commands.stop_all");
  const start = useAction("command_start_again", {
    stale: STOPPED_STALE,
    done: () => "Commands may start again",
  });
  return (
    <Button
      {...(size ? { size } : {})}
      disabledReason={cannot}
      isPending={start.isPending}
      onClick={() => start.mutate({})}
    >
      Let commands start again
    </Button>
  );
}
