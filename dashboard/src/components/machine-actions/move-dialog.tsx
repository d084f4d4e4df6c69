import { useState } from "react";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import type { ComboboxOption } from "@/ui/combobox";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import type { Place } from "../can";
import { SitePicker } from "../site-picker";

interface MoveDialogProps {
  count: number;
  /** Where the machines are now. */
  from: readonly Place[];
  onClose: () => void;
  onMove: (site: ComboboxOption) => Promise<void>;
}

export function MoveDialog({ count, from, onClose, onMove }: MoveDialogProps) {
  const [site, setSite] = useState<ComboboxOption>();
  const [isPending, setPending] = useState(false);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={count === 1 ? "Move to another site" : `Move ${plural(count, "machine")} to another site`}
      description="The machine keeps its history and its connection."
      footer={
        <Button
          variant="primary"
          isPending={isPending}
          disabledReason={site ? undefined : "Choose a site first."}
          onClick={async () => {
            if (!site) return;
            setPending(true);
            await onMove(site);
            setPending(false);
          }}
        >
          Move
        </Button>
      }
    >
      <Field label="Site">
        {(control) => (
          <SitePicker
            control={control}
            permission="agents.edit"
            from={from}
            value={site?.value}
            valueLabel={site ? `${site.hint} › ${site.label}` : undefined}
            onValue={setSite}
          />
        )}
      </Field>
    </Dialog>
  );
}
