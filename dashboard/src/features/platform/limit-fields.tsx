import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import type { PlatformOrganisation } from "@/api/types";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { LIMITS, type LimitTexts, wrongIn } from "./limits";

interface LimitFieldsProps<Values extends LimitTexts & FieldValues> {
  form: UseFormReturn<Values>;
  /** The one whose limits are changed. */
  organisation?: PlatformOrganisation;
}

/** A field for each thing that an organisation may have only so much of. */
export function LimitFields<Values extends LimitTexts & FieldValues>({ form, organisation }: LimitFieldsProps<Values>) {
  return LIMITS.map((limit) => {
    const name = limit.name as Path<Values>;
    return (
      <Field
        key={limit.name}
        label={limit.label}
        hint={limit.hint(organisation)}
        error={form.getFieldState(name, form.formState).error?.message}
      >
        {(control) => (
          <Input
            {...control}
            {...form.register(name, { validate: (text) => wrongIn(limit, text) ?? true })}
            inputMode="numeric"
            autoComplete="off"
            autoFocus={organisation !== undefined && limit === LIMITS[0]}
            className="w-40"
          />
        )}
      </Field>
    );
  });
}
