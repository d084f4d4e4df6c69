import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toaster";

export function NamePanel({ name }: { name: string }) {
  const form = useForm({ defaultValues: { name } });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    try {
      await call("auth_update", { body: { name: values.name.trim() } });
      toast("done", "Your name is saved");
      await invalidate("auth_me", "user_list", "user_get", "audit_event_list");
    } catch (error) {
      showFormError(error, form.setError, { name: "name" });
    }
  });
  return (
    <Panel title="Name">
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <Field
          label="Your name"
          error={errors.name?.message}
          hint="As the others and the audit show you, in every organisation."
        >
          {(control) => (
            <Input
              {...control}
              {...form.register("name", { validate: (text) => text.trim() !== "" || "Write your name." })}
              autoComplete="name"
            />
          )}
        </Field>
        <FormError message={errors.root?.message} />
        <div className="flex justify-end">
          <Button
            type="submit"
            variant="primary"
            isPending={isSubmitting}
            disabledReason={isDirty ? undefined : "Nothing was changed."}
          >
            Save name
          </Button>
        </div>
      </form>
    </Panel>
  );
}
