import { Save } from "lucide-react";
import type { ReactNode } from "react";
import type { UseFormReturn } from "react-hook-form";
import { FormError } from "@/components/feedback";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { Panel } from "@/ui/panel";
import { checkNote } from "./version-checks";
import type { VersionValues } from "./version-values";

interface SavePanelProps {
  form: UseFormReturn<VersionValues>;
  /** Of the form that it belongs to, in which it does not stand. */
  formId: string;
  title: string;
  children?: ReactNode;
  submitLabel: string;
  cannot: string | undefined;
  isFixed?: boolean | undefined;
}

/** The note, and the button that saves. */
export function SavePanel({ form, formId, title, children, submitLabel, cannot, isFixed = false }: SavePanelProps) {
  const { errors, isSubmitting } = form.formState;
  return (
    <Panel title={title} bodyClassName="flex flex-col gap-3 p-4">
      {children}
      <Field label="Note" hint="What changed and why, as others read it." error={errors.note?.message}>
        {(control) => (
          <Textarea
            {...control}
            {...form.register("note", { validate: checkNote })}
            rows={2}
            disabled={isFixed}
            className="min-h-14"
          />
        )}
      </Field>
      <FormError message={errors.root?.message} />
      <div className="flex justify-end">
        <Button type="submit" form={formId} variant="primary" disabledReason={cannot} isPending={isSubmitting}>
          <Save /> {submitLabel}
        </Button>
      </div>
    </Panel>
  );
}
