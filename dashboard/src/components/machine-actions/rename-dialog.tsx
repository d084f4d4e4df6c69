import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { Agent } from "@/api/types";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { FormError } from "../feedback";
import { showFormError } from "../form";

interface RenameDialogProps {
  agent: Agent;
  onClose: () => void;
}

/** Gives one machine another name, or the one that it has itself. */
export function RenameDialog({ agent, onClose }: RenameDialogProps) {
  const form = useForm({ defaultValues: { name: agent.display_name ?? "" } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async ({ name }) => {
    try {
      await call("agent_update", { path: { id: agent.id }, body: { display_name: name.trim() || null } });
      void invalidate("agent_get", "agent_list", "agent_summary", "audit_event_list");
      onClose();
    } catch (error) {
      showFormError(error, form.setError, { display_name: "name" });
    }
  });
  return (
    <Dialog isOpen onClose={onClose} title="Rename">
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <Field
          label="Display name"
          error={errors.name?.message}
          hint={`Leave it empty to show the host name, ${agent.hostname}.`}
        >
          {(control) => (
            <Input {...control} {...form.register("name")} autoFocus placeholder={agent.hostname} autoComplete="off" />
          )}
        </Field>
        <FormError message={errors.root?.message} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isPending={isSubmitting}>
            Save name
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
