import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { CustomField } from "@/api/types";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { toast } from "@/ui/toaster";

type Kind = CustomField["kind"];

export const KIND_WORD: Record<Kind, string> = {
  text: "Text",
  number: "Number",
  date: "Date",
  choice: "Choice",
  checkbox: "Yes or no",
};
const KINDS = Object.keys(KIND_WORD) as Kind[];

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** Makes a field, or changes the name and the choices of one. */
export function CustomFieldDialog({ field, onClose }: { field?: CustomField; onClose: () => void }) {
  const form = useForm({
    defaultValues: {
      name: field?.name ?? "",
      kind: field?.kind ?? ("text" as Kind),
      choices: field?.choices.join("\n") ?? "",
    },
  });
  const { errors, isSubmitting } = form.formState;
  const kind = form.watch("kind");
  const submit = form.handleSubmit(async (values) => {
    const name = values.name.trim();
    const choices = values.kind === "choice" ? { choices: linesOf(values.choices) } : {};
    try {
      await (field
        ? call("custom_field_update", { path: { id: field.id }, body: { name, ...choices } })
        : call("custom_field_create", { body: { name, kind: values.kind, ...choices } }));
      toast("done", field ? "The field was changed" : `The field ${name} was added`);
      onClose();
      await invalidate("custom_field_list", "audit_event_list");
    } catch (error) {
      showFormError(error, form.setError, { name: "name", choices: "choices" });
    }
  });
  return (
    <Dialog isOpen isSticky onClose={onClose} title={field ? `Change the field ${field.name}` : "Add a field"}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Field label="Name" error={errors.name?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("name", { validate: (text) => text.trim() !== "" || "Write a name." })}
              autoFocus
              maxLength={80}
              autoComplete="off"
            />
          )}
        </Field>
        {!field && (
          <Field label="Kind" hint="It stays so: add another field for another kind.">
            {(control) => (
              <Select {...control} {...form.register("kind")} className="w-full">
                {KINDS.map((value) => (
                  <option key={value} value={value}>
                    {KIND_WORD[value]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        {kind === "choice" && (
          <Field
            label="Choices"
            hint="One a line, in the order in which they are offered."
            error={errors.choices?.message}
          >
            {(control) => (
              <Textarea
                {...control}
                {...form.register("choices", {
                  validate: (text, { kind: wished }) =>
                    wished !== "choice" || linesOf(text).length > 0 || "Write at least one choice.",
                })}
                rows={5}
              />
            )}
          </Field>
        )}
        <FormError message={errors.root?.message} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isPending={isSubmitting}>
            {field ? "Save field" : "Add field"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
