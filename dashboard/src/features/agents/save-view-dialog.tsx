import { useState } from "react";
import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { SavedView } from "@/api/types";
import type { ColumnChoice } from "@/components/data-table/use-columns";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toaster";
import { textsOf } from "./search";

interface SaveViewDialogProps {
  views: SavedView[];
  search: object;
  columns: ColumnChoice;
  onClose: () => void;
}

/** Keeps the table as it is under a name; one of one's own of the same name becomes this. */
export function SaveViewDialog({ views, search, columns, onClose }: SaveViewDialogProps) {
  const form = useForm({ defaultValues: { name: "" } });
  const [isShared, setShared] = useState(false);
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async ({ name }) => {
    const wished = name.trim();
    const same = views.find((view) => view.is_own && view.name.toLowerCase() === wished.toLowerCase());
    const body = { name: wished, is_shared: isShared, search: textsOf(search), columns };
    try {
      await (same ? call("saved_view_update", { path: { id: same.id }, body }) : call("saved_view_create", { body }));
      toast("done", same ? `The view ${wished} was replaced` : `The view ${wished} was saved`);
      onClose();
      await invalidate("saved_view_list", "audit_event_list");
    } catch (error) {
      showFormError(error, form.setError, { name: "name" });
    }
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Save this view"
      description="Keeps the search, the filters, the order, the columns and the chosen client or site."
    >
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Field
          label="Name of the view"
          hint="A view of yours with the same name is replaced."
          error={errors.name?.message}
        >
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
        <Checkbox
          isLabelVisible
          label="Share it"
          hint="Everybody of the organisation can open it. Each sees what they may see."
          checked={isShared}
          onChecked={setShared}
        />
        <FormError message={errors.root?.message} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isPending={isSubmitting}>
            Save view
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
