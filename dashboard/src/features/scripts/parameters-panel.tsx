import { Plus } from "lucide-react";
import { flushSync } from "react-dom";
import { type UseFormReturn, useFieldArray } from "react-hook-form";
import { RowError } from "@/components/command/parameter-rows";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { ParameterRow } from "./parameter-row";
import { PARAMETERS_MAX } from "./version-checks";
import { NEW_PARAMETER, type VersionValues } from "./version-values";

interface ParametersPanelProps {
  form: UseFormReturn<VersionValues>;
  isFixed?: boolean | undefined;
}

/** What a version asks for when it is run, in this order. */
export function ParametersPanel({ form, isFixed = false }: ParametersPanelProps) {
  const rows = useFieldArray({ control: form.control, name: "parameters" });
  const { errors } = form.formState;
  const isFull = rows.fields.length >= PARAMETERS_MAX;
  const move = (from: number, to: number, button: HTMLElement) => {
    flushSync(() => rows.move(from, to));
    // Moving its row took the focus from it.
    button.focus();
  };
  return (
    <Panel
      title="Parameters"
      actions={
        !isFixed && (
          <Button
            size="sm"
            disabledReason={isFull && `At most ${PARAMETERS_MAX} parameters.`}
            onClick={() => rows.append({ ...NEW_PARAMETER }, { focusName: `parameters.${rows.fields.length}.label` })}
          >
            <Plus /> Add parameter
          </Button>
        )
      }
    >
      <fieldset disabled={isFixed} className="flex min-w-0 flex-col gap-3">
        <legend className="sr-only">What it asks for</legend>
        {rows.fields.length === 0 && (
          <p className="text-soft text-xs">
            What may differ from one run to the next. The script reads each value as a variable of its environment; it
            is never a part of the text.
          </p>
        )}
        {rows.fields.map((row, index) => (
          <ParameterRow
            key={row.id}
            form={form}
            index={index}
            count={rows.fields.length}
            isFixed={isFixed}
            onMove={(to, button) => move(index, to, button)}
            onRemove={() => rows.remove(index)}
          />
        ))}
        <RowError message={errors.parameters?.root?.message ?? errors.parameters?.message} />
      </fieldset>
    </Panel>
  );
}
