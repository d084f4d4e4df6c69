import { useState } from "react";
import { explain } from "@/api/problem";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { toast } from "@/ui/toaster";
import { eachMachine, type Machine, namesOf } from "../each-machine";
import { ACT_WORDS, doAct, invalidateEnrolment, type MachineAct } from "./machine-act";

const REASON_MAX = 500;

interface ActDialogProps {
  act: MachineAct;
  machines: Machine[];
  onClose: () => void;
  /** What follows, before anything is read again; with the machines to which it could not be done. */
  onDone?: (failed: Machine[]) => unknown;
}

/** Asks before something is decided about machines, and does it to each. */
export function ActDialog({ act, machines, onClose, onDone }: ActDialogProps) {
  const [reason, setReason] = useState("");
  const [isPending, setPending] = useState(false);
  const { verb, title, done, text, isDanger, hasReason } = ACT_WORDS[act];
  const [only] = machines;
  const what = machines.length === 1 && only ? only.name : plural(machines.length, "machine");
  const run = async () => {
    setPending(true);
    const { failed, reason: why } = await eachMachine(machines, (id) => doAct(act, id, reason));
    if (failed.length === 0) {
      toast("done", `${what} ${done}`);
    } else {
      const isAll = failed.length === machines.length;
      const problem = explain(why);
      toast(
        "failed",
        isAll ? problem.title : `${plural(failed.length, "machine")} of ${machines.length}: ${problem.title}`,
        `${namesOf(failed)}: ${problem.advice}`,
      );
    }
    await onDone?.(failed);
    void invalidateEnrolment();
    onClose();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title(what)}
      isSticky={hasReason ?? false}
      className="max-w-md"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant={isDanger ? "danger" : "primary"}
            isPending={isPending}
            disabledReason={reason.length > REASON_MAX && `The reason may have ${REASON_MAX} characters at most.`}
            onClick={() => void run()}
          >
            {verb}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        <p className="text-soft">{text}</p>
        {machines.length > 1 && (
          <p className="max-h-28 overflow-y-auto">{machines.map((machine) => machine.name).join(", ")}</p>
        )}
        {hasReason && (
          <Field label="Reason" hint="Optional. Stands on the page of the machine and in the audit.">
            {(control) => (
              <Textarea {...control} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} />
            )}
          </Field>
        )}
      </div>
    </Dialog>
  );
}
