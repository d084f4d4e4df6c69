import { Check, UserX, X } from "lucide-react";
import type { Machine } from "@/components/each-machine";
import type { MachineAct } from "@/components/enrolment/machine-act";
import { useCannotAll } from "@/components/me";
import { plural } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";

interface WaitingBarProps {
  machines: Machine[];
  onAct: (act: MachineAct) => void;
  onClear: () => void;
}

/** What is decided about all the selected machines. */
export function WaitingBar({ machines, onAct, onClear }: WaitingBarProps) {
  const cannot = useCannotAll("agents.approve", machines);
  return (
    <section
      aria-label="Selected machines"
      className="flex shrink-0 flex-wrap items-center gap-2 border-line border-t bg-accent-soft px-4 py-1.5 max-md:px-3"
    >
      <span className="font-medium text-sm" aria-live="polite">
        {plural(machines.length, "machine")} selected
      </span>
      <Button size="sm" disabledReason={cannot} onClick={() => onAct("approve")}>
        <Check /> Approve…
      </Button>
      <Button size="sm" variant="danger" disabledReason={cannot} onClick={() => onAct("reject")}>
        <UserX /> Reject…
      </Button>
      <IconButton label="Clear the selection" size="icon-sm" onClick={onClear} className="ml-auto">
        <X />
      </IconButton>
    </section>
  );
}
