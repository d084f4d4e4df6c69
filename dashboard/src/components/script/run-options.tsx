import { ChevronRight } from "lucide-react";
import { useId } from "react";
import type { UseFormReturn } from "react-hook-form";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { PaceFields } from "../command/pace-fields";
import { paceOf, paceWords } from "../command/run-pace";
import { waitWords } from "../command/run-values";
import { SpanInput } from "../span-input";
import type { ScriptRunValues } from "./run-values";
import { checkWait, secondsOf, WAIT_UNITS } from "./wait";

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
  const { errors, isSubmitted } = form.formState;
  const seconds = secondsOf(values);
  const words = [isMany && paceWords(paceOf(values)), seconds && `waits up to ${waitWords(seconds)}`];
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
        <Field
          label="Wait for an offline machine, at most"
          error={errors.wait?.message}
          hint={
            isMany
              ? "And for its turn to come. Then its command expires. 30 seconds: only those that are online."
              : "Then the command expires. 30 seconds: only if it is online."
          }
        >
          {(control) => (
            <SpanInput
              control={control}
              amount={form.register("wait", { validate: checkWait })}
              units={WAIT_UNITS}
              unit={values.waitUnit}
              onUnit={(unit) => {
                form.setValue("waitUnit", unit);
                if (isSubmitted) void form.trigger("wait");
              }}
              unitLabel="Unit of the wait"
            />
          )}
        </Field>
      </div>
    </div>
  );
}
