import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { SavedView } from "@/api/types";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toaster";

/** Gives a view another name, in its row. */
export function RenameViewForm({ view, onClose }: { view: SavedView; onClose: () => void }) {
  const form = useForm({ defaultValues: { name: view.name } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const name = values.name.trim();
    try {
      await call("saved_view_update", { path: { id: view.id }, body: { name } });
      toast("done", `${view.name} is ${name} now`);
      onClose();
      await invalidate("saved_view_list", "audit_event_list");
    } catch (error) {
      showFormError(error, form.setError, { name: "name" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex w-full flex-col gap-2">
      <Field label={`New name of ${view.name}`} error={errors.name?.message}>
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
      <FormError message={errors.root?.message} />
      <div className="flex justify-end gap-2">
        <Button size="sm" onClick={onClose}>
          Cancel
        </Button>
        <Button size="sm" type="submit" variant="primary" isPending={isSubmitting}>
          Save name
        </Button>
      </div>
    </form>
  );
}
