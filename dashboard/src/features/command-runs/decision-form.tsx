import { Check, X } from "lucide-react";
import { useState } from "react";
import type { CommandRunDetail } from "@/api/types";
import { FormError } from "@/components/feedback";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { useDecision } from "./use-decision";

const REASON_MAX = 1_000;
const OWN = "You asked for this yourself: somebody else has to decide about it.";

interface DecisionFormProps {
  run: CommandRunDetail;
  isOwn: boolean;
}

/** Yes or no, and what to say about it; for whoever asked, why not. */
export function DecisionForm({ run, isOwn }: DecisionFormProps) {
  const [reason, setReason] = useState("");
  const { decide, error, pending } = useDecision(run);
  const cannot = isOwn ? OWN : undefined;
  const isTooLong = reason.trim().length > REASON_MAX && `The reason may have ${REASON_MAX} characters at most.`;
  const busy = pending !== undefined && "Your decision is being sent.";
  return (
    <div className="flex flex-col gap-3">
      {!cannot && (
        <Field label="Reason" hint="Optional. Stands here and in the audit log.">
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              className="min-h-14"
            />
          )}
        </Field>
      )}
      <FormError message={error} />
      <div className="flex flex-wrap items-center gap-2">
        <Button
          variant="primary"
          isPending={pending === "approve"}
          disabledReason={cannot ?? (isTooLong || (pending !== "approve" && busy))}
          onClick={() => void decide("approve", reason)}
        >
          <Check /> Approve on {plural(run.counts.awaiting_approval, "machine")}
        </Button>
        <Button
          variant="danger"
          isPending={pending === "reject"}
          disabledReason={cannot ?? (isTooLong || (pending !== "reject" && busy))}
          onClick={() => void decide("reject", reason)}
        >
          <X /> Reject
        </Button>
        {cannot && <p className="min-w-0 flex-1 basis-64 text-soft text-xs">{cannot}</p>}
      </div>
    </div>
  );
}
