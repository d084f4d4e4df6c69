import { CircleAlert, Plus, X } from "lucide-react";
import { type ReactNode, useId } from "react";
import type { UseFormReturn } from "react-hook-form";
import { useFieldArray } from "react-hook-form";
import { Button, IconButton } from "@/ui/button";
import { Input, Textarea } from "@/ui/input";
import { checkName, type RunValues } from "./run-values";

type RunForm = UseFormReturn<RunValues>;

/** One line that grows with what is written in it: also a value of several lines is kept whole. */
const GROWING = "min-h-8 resize-none font-mono [field-sizing:content] max-h-40 max-sm:min-h-10";
const PLAIN = { spellCheck: false, autoCapitalize: "off", autoCorrect: "off", autoComplete: "off" } as const;

interface RowsProps {
  label: string;
  hint: string;
  addLabel: string;
  onAdd: () => void;
  error: string | undefined;
  children: ReactNode;
}

function Rows({ label, hint, addLabel, onAdd, error, children }: RowsProps) {
  const id = useId();
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5" aria-describedby={`${id}-hint`}>
      <legend className="mb-1 font-medium text-ink text-sm">{label}</legend>
      {children}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button size="sm" onClick={onAdd}>
          <Plus /> {addLabel}
        </Button>
        <p id={`${id}-hint`} className="min-w-0 flex-1 basis-48 text-soft text-xs">
          {hint}
        </p>
      </div>
      <RowError message={error} />
    </fieldset>
  );
}

export function RowError({ message, id }: { message: string | undefined; id?: string }) {
  if (!message) return null;
  return (
    <p id={id} role="alert" className="flex items-start gap-1 text-bad text-xs">
      <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
      {message}
    </p>
  );
}

/** What the text is given, one by one and in this order. */
export function ArgumentRows({ form, hint }: { form: RunForm; hint: string }) {
  const rows = useFieldArray({ control: form.control, name: "args" });
  const { errors } = form.formState;
  return (
    <Rows
      label="Arguments"
      hint={hint}
      addLabel="Add argument"
      onAdd={() => rows.append({ text: "" })}
      error={errors.args?.root?.message ?? errors.args?.message}
    >
      {rows.fields.map((row, index) => (
        <div key={row.id} className="flex items-start gap-1.5">
          <Textarea
            {...form.register(`args.${index}.text`)}
            {...PLAIN}
            rows={1}
            aria-label={`Argument ${index + 1}`}
            className={GROWING}
          />
          <IconButton label={`Remove argument ${index + 1}`} onClick={() => rows.remove(index)}>
            <X />
          </IconButton>
        </div>
      ))}
    </Rows>
  );
}

/** What its environment has beside that of the machine. */
export function VariableRows({ form }: { form: RunForm }) {
  const id = useId();
  const rows = useFieldArray({ control: form.control, name: "variables" });
  const { errors } = form.formState;
  return (
    <Rows
      label="Environment"
      hint="Secrets belong here rather than into arguments. Values are not shown again, and forgotten when the command has ended."
      addLabel="Add variable"
      onAdd={() => rows.append({ name: "", value: "" })}
      error={errors.variables?.root?.message ?? errors.variables?.message}
    >
      {rows.fields.map((row, index) => {
        const error = errors.variables?.[index]?.name?.message;
        const errorId = `${id}-${index}-error`;
        return (
          <div key={row.id} className="flex flex-col gap-1">
            <div className="flex items-start gap-1.5">
              <Input
                {...form.register(`variables.${index}.name`, {
                  validate: (text, values) => checkName(text, values, index),
                })}
                {...PLAIN}
                aria-label={`Name of variable ${index + 1}`}
                aria-invalid={error ? true : undefined}
                aria-describedby={error ? errorId : undefined}
                placeholder="NAME"
                className="w-2/5 shrink-0 font-mono"
              />
              <Textarea
                {...form.register(`variables.${index}.value`)}
                {...PLAIN}
                rows={1}
                aria-label={`Value of variable ${index + 1}`}
                placeholder="value"
                className={GROWING}
              />
              <IconButton label={`Remove variable ${index + 1}`} onClick={() => rows.remove(index)}>
                <X />
              </IconButton>
            </div>
            <RowError id={errorId} message={error} />
          </div>
        );
      })}
    </Rows>
  );
}
