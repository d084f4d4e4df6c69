import { ArrowDown, ArrowUp, X } from "lucide-react";
import type { MouseEvent } from "react";
import type { UseFormReturn } from "react-hook-form";
import type { ScriptParameterKind } from "@/api/types";
import { KIND_WORD, KINDS, variableOf } from "@/components/script/parameters";
import { IconButton } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { KindFields } from "./kind-fields";
import { readingOf } from "./language";
import { checkLabel, checkParameterName } from "./version-checks";
import type { VersionValues } from "./version-values";

interface ParameterRowProps {
  form: UseFormReturn<VersionValues>;
  index: number;
  count: number;
  isFixed: boolean;
  onMove: (to: number, button: HTMLElement) => void;
  onRemove: () => void;
}

/** One thing that a version asks for. */
export function ParameterRow({ form, index, count, isFixed, onMove, onRemove }: ParameterRowProps) {
  const path = `parameters.${index}` as const;
  const errors = form.formState.errors.parameters?.[index];
  const name = form.watch(`${path}.name`).trim();
  const which = `parameter ${index + 1}`;
  const chooseKind = (kind: ScriptParameterKind) => {
    form.setValue(`${path}.kind`, kind, { shouldDirty: true });
    form.clearErrors(path);
  };
  const mover = (to: number) => (event: MouseEvent<HTMLButtonElement>) => onMove(to, event.currentTarget);
  return (
    <fieldset className="min-w-0 rounded-md border border-line p-3">
      <legend className="sr-only">Parameter {index + 1}</legend>
      <div className="mb-2 flex items-center gap-1">
        <p className="min-w-0 flex-1 truncate text-soft text-xs">
          {name ? (
            <>
              Read as <code className="font-mono">{readingOf(form.watch("interpreter"), variableOf(name))}</code>
            </>
          ) : (
            `Parameter ${index + 1}`
          )}
        </p>
        {!isFixed && (
          <>
            <IconButton
              label={`Move ${which} up`}
              disabledReason={index === 0 && "It is the first."}
              onClick={mover(index - 1)}
            >
              <ArrowUp />
            </IconButton>
            <IconButton
              label={`Move ${which} down`}
              disabledReason={index === count - 1 && "It is the last."}
              onClick={mover(index + 1)}
            >
              <ArrowDown />
            </IconButton>
            <IconButton label={`Remove ${which}`} onClick={onRemove}>
              <X />
            </IconButton>
          </>
        )}
      </div>
      <div className="grid gap-3 sm:grid-cols-3">
        <Field label="Label" error={errors?.label?.message}>
          {(control) => (
            <Input {...control} {...form.register(`${path}.label`, { validate: checkLabel })} autoComplete="off" />
          )}
        </Field>
        <Field label="Name" error={errors?.name?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register(`${path}.name`, {
                validate: (text, values) => checkParameterName(text, values, index),
              })}
              spellCheck={false}
              autoCapitalize="off"
              autoCorrect="off"
              autoComplete="off"
              className="font-mono"
            />
          )}
        </Field>
        <Field label="Kind" error={errors?.kind?.message}>
          {(control) => (
            <Select
              {...control}
              value={form.watch(`${path}.kind`)}
              onChange={(event) => chooseKind(event.target.value as ScriptParameterKind)}
              className="w-full"
            >
              {KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {KIND_WORD[kind]}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <KindFields form={form} index={index} />
      </div>
      <div className="mt-3">
        <Checkbox
          isLabelVisible
          label="Required"
          hint="It does not run without a value."
          checked={form.watch(`${path}.required`)}
          onChecked={(on) => form.setValue(`${path}.required`, on, { shouldDirty: true })}
        />
      </div>
    </fieldset>
  );
}
