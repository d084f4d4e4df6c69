import { useQuery } from "@tanstack/react-query";
import { type ComponentProps, useId } from "react";
import { type UseFormReturn, useController } from "react-hook-form";
import { q } from "@/api/client";
import { useCannot } from "@/components/me";
import { AGENT_FIELD_WORD, isOfMachine } from "@/components/script/parameters";
import { Field } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { checkBound, checkChoices, checkDefault, checkField, checkMax, checkMaxLength } from "./version-checks";
import { linesOf, NEW_PARAMETER, type ParameterValues, type VersionValues } from "./version-values";

interface KindFieldsProps {
  form: UseFormReturn<VersionValues>;
  index: number;
}

type Check<Value> = (value: Value, values: ParameterValues) => true | string;

/** What is said of a parameter of one kind alone. */
export function KindFields({ form, index }: KindFieldsProps) {
  const kind = form.watch(`parameters.${index}.kind`);
  switch (kind) {
    case "string":
      return (
        <>
          <DefaultField form={form} index={index} />
          <NumberField form={form} index={index} name="max_length" label="Longest, characters" check={checkMaxLength} />
        </>
      );
    case "number":
      return (
        <>
          <DefaultField form={form} index={index} />
          <NumberField form={form} index={index} name="min" label="Smallest" check={checkBound} />
          <NumberField form={form} index={index} name="max" label="Largest" check={checkMax} />
        </>
      );
    case "choice":
      return (
        <>
          <ChoicesField form={form} index={index} />
          <DefaultChoice form={form} index={index} />
        </>
      );
    default:
      return (
        <>
          <SourceField form={form} index={index} />
          {isOfMachine({ kind }) && <DefaultField form={form} index={index} />}
        </>
      );
  }
}

/** What else is written of the same parameter decides whether it is good. */
const within =
  <Value,>(index: number, check: Check<Value>) =>
  (value: Value, { parameters }: VersionValues) =>
    check(value, parameters[index] ?? NEW_PARAMETER);

interface NumberFieldProps extends KindFieldsProps {
  name: "min" | "max" | "max_length";
  label: string;
  check: Check<string>;
}

function NumberField({ form, index, name, label, check }: NumberFieldProps) {
  const error = form.formState.errors.parameters?.[index]?.[name]?.message;
  return (
    <Field label={label} error={error}>
      {(control) => (
        <Input
          {...control}
          {...form.register(`parameters.${index}.${name}`, { validate: within(index, check) })}
          inputMode="decimal"
          autoComplete="off"
          placeholder="Any"
        />
      )}
    </Field>
  );
}

function DefaultField({ form, index }: KindFieldsProps) {
  const path = `parameters.${index}.default` as const;
  const error = form.formState.errors.parameters?.[index]?.default?.message;
  const kind = form.watch(`parameters.${index}.kind`);
  const field = form.register(path, {
    validate: within(index, checkDefault),
    setValueAs: (text: string | null) => text || null,
  });
  return (
    <Field label={isOfMachine({ kind }) ? "Where a machine says nothing" : "Default"} error={error}>
      {(control) => (
        <Textarea
          {...control}
          {...field}
          rows={1}
          placeholder="None"
          className="max-h-40 min-h-8 resize-none py-1 [field-sizing:content] max-sm:min-h-10 max-sm:py-2"
        />
      )}
    </Field>
  );
}

function DefaultChoice({ form, index }: KindFieldsProps) {
  const { field, fieldState } = useController({
    control: form.control,
    name: `parameters.${index}.default`,
    rules: { validate: within(index, checkDefault) },
  });
  const choices = linesOf(form.watch(`parameters.${index}.choices`));
  const { value } = field;
  return (
    <Field label="Default" error={fieldState.error?.message}>
      {(control) => (
        <Select
          {...control}
          {...field}
          value={value ?? ""}
          onChange={(event) => field.onChange(event.target.value || null)}
          className="w-full"
        >
          <option value="">None</option>
          {/* What was a choice before stays in sight, so that one sees what is refused. */}
          {value && !choices.includes(value) && <option value={value}>{value}, not among the choices</option>}
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function ChoicesField({ form, index }: KindFieldsProps) {
  const error = form.formState.errors.parameters?.[index]?.choices?.message;
  return (
    <Field label="Choices" hint="One a line." error={error}>
      {(control) => (
        <Textarea {...control} {...form.register(`parameters.${index}.choices`, { validate: checkChoices })} rows={3} />
      )}
    </Field>
  );
}

/** Where a machine's own value, or a secret, comes from. */
function SourceField({ form, index }: KindFieldsProps) {
  const path = `parameters.${index}.field` as const;
  const error = form.formState.errors.parameters?.[index]?.field?.message;
  const kind = form.watch(`parameters.${index}.kind`);
  const field = form.register(path, { validate: within(index, checkField) });
  if (kind === "agent_field") {
    return (
      <Field label="Property" error={error} hint="Each machine's own: nobody gives it.">
        {(control) => (
          <Select {...control} {...field} value={form.watch(path)} className="w-full">
            <option value="">Choose…</option>
            {Object.entries(AGENT_FIELD_WORD).map(([name, word]) => (
              <option key={name} value={name}>
                {word}
              </option>
            ))}
          </Select>
        )}
      </Field>
    );
  }
  if (kind === "custom_field") {
    return (
      <Field label="Custom field" error={error} hint="Each machine's own: nobody gives it.">
        {(control) => <CustomFieldInput {...control} {...field} />}
      </Field>
    );
  }
  return (
    <Field
      label="Name in the vault"
      error={error}
      hint="This server has no vault yet: a script that asks for a secret can be saved and does not run."
    >
      {(control) => <Input {...control} {...field} autoComplete="off" />}
    </Field>
  );
}

/** A name, with those of the organisation's fields to choose from as far as they may be seen. */
function CustomFieldInput(props: ComponentProps<"input">) {
  const id = useId();
  const cannotSee = useCannot("agents.view");
  const { data } = useQuery({ ...q("custom_field_list", {}), enabled: !cannotSee });
  return (
    <>
      <Input {...props} list={id} autoComplete="off" />
      <datalist id={id}>
        {(data?.items ?? []).map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
