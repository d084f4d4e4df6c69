import { ChevronRight } from "lucide-react";
import { useId } from "react";
import type { UseFormReturn } from "react-hook-form";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { PaceFields } from "../command/pace-fields";
import { RowError } from "../command/parameter-rows";
import { paceOf, paceWords } from "../command/run-pace";
import { A_DAY, SHORTEST_WAIT, waitWords } from "../command/run-values";
import type { ScriptRunValues } from "./run-values";

interface ScriptRunOptionsProps {
  form: UseFormReturn<ScriptRunValues>;
  /** It is for many machines, which are told at a pace. */
  isMany: boolean;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
}

/** What most runs leave as it is. Closed, it says in a line what is set. */
export function ScriptRunOptions({ form, isMany, isOpen, onOpen }: ScriptRunOptionsProps) {
  const id = useId();
  const values = form.watch();
  const waits = values.wait !== SHORTEST_WAIT;
  const words = [
    isMany && paceWords(paceOf(values)),
    waits ? `waits up to ${waitWords(values.wait)}` : "only where it is online",
  ];
  return (
    <div className="rounded-md border border-line">
      <div className="flex flex-wrap items-center gap-x-2 px-1 py-0.5">
        <Button variant="ghost" size="sm" aria-expanded={isOpen} aria-controls={id} onClick={() => onOpen(!isOpen)}>
          <ChevronRight className={cn("transition-transform", isOpen && "rotate-90")} /> Options
        </Button>
        <p className="min-w-0 flex-1 basis-56 px-1 py-1 text-soft text-xs">{words.filter(Boolean).join(" · ")}</p>
      </div>
      {/* Hidden and not left out: its fields keep what was written in them. */}
      <div id={id} hidden={!isOpen} className="flex flex-col gap-4 border-line border-t p-3">
        {isMany && <PaceFields form={form} />}
        <div className="flex flex-col gap-2">
          <Checkbox
            isLabelVisible
            label="Wait up to 24 hours for an offline machine"
            hint={
              isMany
                ? "And for its turn to come. Otherwise commands expire after 30 seconds."
                : "Otherwise the command expires after 30 seconds."
            }
            checked={waits}
            onChecked={(on) => form.setValue("wait", on ? A_DAY : SHORTEST_WAIT)}
          />
          <RowError message={form.formState.errors.wait?.message} />
        </div>
      </div>
    </div>
  );
}
