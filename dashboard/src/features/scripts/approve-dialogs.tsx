import { Check } from "lucide-react";
import { isCode } from "@/api/problem";
import type { Script, ScriptVersion } from "@/api/types";
import { FormError } from "@/components/feedback";
import { sentence } from "@/components/form";
import { useAction } from "@/components/use-action";
import { Button } from "@/ui/button";
import { ConfirmDialog, Dialog } from "@/ui/dialog";
import { Difference } from "./difference";
import { STALE } from "./stale";
import { valuesOf } from "./version-values";

interface ApproveDialogProps {
  script: Script;
  version: ScriptVersion;
  /** The one that runs now. */
  approved: ScriptVersion | undefined;
  onClose: () => void;
}

/** Who approves sees what changes by it. */
export function ApproveDialog({ script, version, approved, onClose }: ApproveDialogProps) {
  const { number } = version;
  const approve = useAction("script_approve", {
    stale: STALE,
    hasForm: true,
    done: ({ name }) => `Version ${number} of ${name} is approved`,
    after: async () => onClose(),
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Approve version ${number}?`}
      description={
        approved
          ? `It runs from now on in the place of version ${approved.number}, for everybody who may run scripts.`
          : "It runs from now on for everybody who may run scripts."
      }
      className={approved ? "max-w-5xl" : "max-w-3xl"}
      footer={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button
            variant="primary"
            isPending={approve.isPending}
            onClick={() => approve.mutate({ path: { id: script.id }, body: { number } })}
          >
            <Check /> Approve version {number}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {approved ? (
          <Difference
            old={{ label: `Version ${approved.number}`, values: valuesOf(approved) }}
            new={{ label: `Version ${number}`, values: valuesOf(version) }}
          />
        ) : (
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
            tabIndex={0}
            className="max-h-96 overflow-auto whitespace-pre-wrap break-words rounded-md bg-subtle p-3 font-mono text-xs"
          >
            {version.text}
          </pre>
        )}
        <FormError message={approve.error ? refusalOf(approve.error) : undefined} />
      </div>
    </Dialog>
  );
}

/** That it is one's own only the server knows, and says what to do about it. */
const refusalOf = (error: Error): string => (isCode(error, "own_version") ? error.message : sentence(error));

export function WithdrawDialog({ script, onClose }: { script: Script; onClose: () => void }) {
  const withdraw = useAction("script_withdraw", {
    stale: STALE,
    done: ({ name }) => `No version of ${name} runs by itself any more`,
  });
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Withdraw the approval of version ${script.approved_version ?? ""}?`}
      confirmLabel="Withdraw approval"
      isPending={withdraw.isPending}
      onConfirm={() => withdraw.mutate({ path: { id: script.id } }, { onSettled: onClose })}
    >
      <p>
        No version of it runs then for those who may run approved scripts only. What runs already goes on. Any version
        can be approved again.
      </p>
    </ConfirmDialog>
  );
}
