import type { Agent, Finding } from "@/api/types";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useAction } from "../use-action";
import { invalidateEnrolment } from "./machine-act";

/** The same hardware known twice: a record from before, and the one that came anew. */
export interface SameMachine {
  older: { id: string; name: string };
  newer: { id: string; name: string };
}

/** The two records of a finding, where the older one can go on with the newer one's identity. */
export function sameMachineOf(finding: Finding): SameMachine | undefined {
  const { kind, other_agent_id: id, other_agent_name: name, other_agent_status: status } = finding;
  if (kind !== "known_hardware" || !id || status === "online") return undefined;
  return { older: { id, name: name ?? "the older record" }, newer: { id: finding.agent_id, name: finding.agent_name } };
}

interface AdoptDialogProps extends SameMachine {
  onClose: () => void;
  /** What follows, before anything is read again. */
  onDone?: (agent: Agent) => unknown;
}

/** Lets an older record go on with the identity of a newer one. */
export function AdoptDialog({ older, newer, onClose, onDone }: AdoptDialogProps) {
  const adopt = useAction("agent_adopt", {
    done: () => `${older.name} goes on with the machine that came anew`,
    after: async (agent) => {
      await onDone?.(agent);
      void invalidateEnrolment();
      onClose();
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Continue ${older.name}?`}
      description="For a machine that was installed anew and enrolled again."
      className="max-w-md"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            isPending={adopt.isPending}
            onClick={() => adopt.mutate({ path: { id: older.id }, body: { agent_id: newer.id } })}
          >
            Continue {older.name}
          </Button>
        </>
      }
    >
      <ul className="flex list-disc flex-col gap-1.5 pl-5 text-sm text-soft">
        <li>
          <b className="font-medium text-ink">{older.name}</b> keeps its name, its place, its history and its audit log,
          and goes on with the machine that just came.
        </li>
        <li>
          The newer record{newer.name === older.name ? "" : ` ${newer.name}`} is gone, with what was measured under it.
        </li>
        <li>The key that {older.name} had before is good no more.</li>
        <li>If the machine waits to be let in, it is let in by this.</li>
      </ul>
    </Dialog>
  );
}
