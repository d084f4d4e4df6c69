import type { FieldPath, FieldValues, Path, PathValue, UseFormReturn } from "react-hook-form";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";

export const MIN_PASSWORD = 12;

interface NewPasswordProps<Values extends FieldValues> {
  form: UseFormReturn<Values>;
  name: FieldPath<Values>;
  repeat: FieldPath<Values>;
  label?: string;
  hasFocus?: boolean;
}

/** A new password, twice. */
export function NewPassword<Values extends FieldValues>({
  form,
  name,
  repeat,
  label = "Password",
  hasFocus,
}: NewPasswordProps<Values>) {
  const error = (field: Path<Values>) => form.getFieldState(field, form.formState).error?.message;
  const isSame = (text: PathValue<Values, Path<Values>>, values: Values) =>
    text === values[name] || "The two passwords differ.";
  return (
    <>
      <Field label={label} error={error(name)} hint={`At least ${MIN_PASSWORD} characters; a sentence is good.`}>
        {(control) => (
          <Input
            {...control}
            {...form.register(name, {
              minLength: { value: MIN_PASSWORD, message: `Use at least ${MIN_PASSWORD} characters.` },
              required: "Choose a password.",
            })}
            type="password"
            autoComplete="new-password"
            autoFocus={hasFocus}
          />
        )}
      </Field>
      <Field label="Repeat password" error={error(repeat)}>
        {(control) => (
          <Input
            {...control}
            {...form.register(repeat, { validate: isSame })}
            type="password"
            autoComplete="new-password"
          />
        )}
      </Field>
    </>
  );
}
