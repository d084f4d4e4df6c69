import { Plus, X } from "lucide-react";
import { useId } from "react";
import { type UseFormReturn, useFieldArray } from "react-hook-form";
import { RowError } from "@/components/command/parameter-rows";
import { Button, IconButton } from "@/ui/button";
import { Input, Textarea } from "@/ui/input";
import { Panel } from "@/ui/panel";
import { checkVariable, checkVariableValue, ENVIRONMENT_MAX } from "./version-checks";
import type { VersionValues } from "./version-values";

const PLAIN = { spellCheck: false, autoCapitalize: "off", autoCorrect: "off", autoComplete: "off" } as const;

interface EnvironmentPanelProps {
  form: UseFormReturn<VersionValues>;
  isFixed?: boolean | undefined;
}

/** Variables that a version always gets. */
export function EnvironmentPanel({ form, isFixed = false }: EnvironmentPanelProps) {
  const rows = useFieldArray({ control: form.control, name: "environment" });
  const { errors } = form.formState;
  const isFull = rows.fields.length >= ENVIRONMENT_MAX;
  return (
    <Panel
      title="Environment"
      actions={
        !isFixed && (
          <Button
            size="sm"
            disabledReason={isFull && `At most ${ENVIRONMENT_MAX} variables.`}
            onClick={() => rows.append({ name: "", value: "" })}
          >
            <Plus /> Add variable
          </Button>
        )
      }
    >
      <fieldset disabled={isFixed} className="flex min-w-0 flex-col gap-2">
        <legend className="sr-only">Variables that it always gets</legend>
        <p className="text-soft text-xs">
          Variables that it always gets. No place for secrets: whoever sees the script sees them.
        </p>
        {rows.fields.map((row, index) => (
          <VariableRow key={row.id} form={form} index={index} onRemove={() => rows.remove(index)} isFixed={isFixed} />
        ))}
        <RowError message={errors.environment?.root?.message ?? errors.environment?.message} />
      </fieldset>
    </Panel>
  );
}

interface VariableRowProps {
  form: UseFormReturn<VersionValues>;
  index: number;
  onRemove: () => void;
  isFixed: boolean;
}

function VariableRow({ form, index, onRemove, isFixed }: VariableRowProps) {
  const id = useId();
  const errors = form.formState.errors.environment?.[index];
  const error = errors?.name?.message ?? errors?.value?.message;
  const marks = { "aria-invalid": error ? true : undefined, "aria-describedby": error ? id : undefined };
  return (
    <div className="flex flex-col gap-1">
      <div className="flex items-start gap-1.5">
        <Input
          {...form.register(`environment.${index}.name`, {
            validate: (text, values) => checkVariable(text, values, index),
          })}
          {...PLAIN}
          {...marks}
          aria-label={`Name of variable ${index + 1}`}
          placeholder="NAME"
          className="w-2/5 shrink-0 font-mono"
        />
        <Textarea
          {...form.register(`environment.${index}.value`, { validate: checkVariableValue })}
          {...PLAIN}
          rows={1}
          aria-label={`Value of variable ${index + 1}`}
          placeholder="value"
          className="max-h-40 min-h-8 resize-none py-1 font-mono [field-sizing:content] max-sm:min-h-10 max-sm:py-2"
        />
        {!isFixed && (
          <IconButton label={`Remove variable ${index + 1}`} onClick={onRemove}>
            <X />
          </IconButton>
        )}
      </div>
      <RowError id={id} message={error} />
    </div>
  );
}
