import { ChevronRight } from "lucide-react";
import { useId } from "react";
import type { UseFormReturn } from "react-hook-form";
import type { CommandContext, CommandType } from "@/api/types";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { PaceFields } from "./pace-fields";
import { ArgumentRows, RowError, VariableRows } from "./parameter-rows";
import { paceOf, paceWords } from "./run-pace";
import {
  A_DAY,
  CONTEXT_WORD,
  checkTimeout,
  optionsWords,
  type RunValues,
  SHORTEST_WAIT,
  waitWords,
} from "./run-values";

const ARGUMENTS_HINT: Record<CommandType, string> = {
  shell: "$1, $2 and so on in the text; cmd on Windows takes none.",
  powershell: "$args[0], $args[1] and so on in the text.",
  python: "sys.argv[1], sys.argv[2] and so on in the text.",
  script: "Given to the script, one by one.",
  claude_task: "Given to the program that does the task.",
};

interface RunOptionsProps {
  form: UseFormReturn<RunValues>;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  /** The wait that the form began with; unless it is the shortest, it can be chosen again. */
  firstWait: number;
  /** It is for many machines, which are told at a pace. */
  isMany: boolean;
}

/** What most commands leave as it is. Closed, it says in a line what is set. */
export function RunOptions({ form, isOpen, onOpen, firstWait, isMany }: RunOptionsProps) {
  const id = useId();
  const values = form.watch();
  const { errors } = form.formState;
  const longWait = firstWait === SHORTEST_WAIT ? A_DAY : firstWait;
  return (
    <div className="rounded-md border border-line">
      <div className="flex flex-wrap items-center gap-x-2 px-1 py-0.5">
        <Button variant="ghost" size="sm" aria-expanded={isOpen} aria-controls={id} onClick={() => onOpen(!isOpen)}>
          <ChevronRight className={cn("transition-transform", isOpen && "rotate-90")} /> Options
        </Button>
        <p className="min-w-0 flex-1 basis-56 px-1 py-1 text-soft text-xs">
          {optionsWords(values)}
          {isMany && ` · ${paceWords(paceOf(values))}`}
        </p>
      </div>
      {/* Hidden and not left out: its fields keep what was written in them. */}
      <div id={id} hidden={!isOpen} className="flex flex-col gap-4 border-line border-t p-3">
        {isMany && <PaceFields form={form} />}
        <ArgumentRows form={form} hint={ARGUMENTS_HINT[values.type]} />
        <VariableRows form={form} />
        <div className="grid gap-3 sm:grid-cols-2">
          <Field
            label="Runs as"
            error={errors.context?.message}
            hint={
              values.context === "system"
                ? "The agent's own account, with all rights that it has."
                : "The person who is logged in, with their rights and their desktop."
            }
          >
            {(control) => (
              <Select
                {...control}
                value={values.context}
                onChange={(event) => form.setValue("context", event.target.value as CommandContext)}
                className="w-full"
              >
                {Object.entries(CONTEXT_WORD).map(([context, word]) => (
                  <option key={context} value={context}>
                    {word}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label="Time limit (seconds)" error={errors.timeout?.message}>
            {(control) => (
              <Input
                {...control}
                {...form.register("timeout", { validate: checkTimeout })}
                type="number"
                inputMode="numeric"
                min={1}
                max={86_400}
              />
            )}
          </Field>
        </div>
        <div className="flex flex-col gap-2">
          <Checkbox
            isLabelVisible
            label={`Wait up to ${waitWords(longWait)} for an offline machine`}
            hint={
              isMany
                ? "And for its turn to come. Otherwise commands expire after 30 seconds."
                : "Otherwise the command expires after 30 seconds."
            }
            checked={values.wait !== SHORTEST_WAIT}
            onChecked={(on) => form.setValue("wait", on ? longWait : SHORTEST_WAIT)}
          />
          <Checkbox
            isLabelVisible
            label="Keep it running if the connection is lost"
            hint="Its output is delivered when the machine is back."
            checked={values.keepRunning}
            onChecked={(on) => form.setValue("keepRunning", on)}
          />
          <RowError message={errors.wait?.message ?? errors.keepRunning?.message} />
        </div>
      </div>
    </div>
  );
}
