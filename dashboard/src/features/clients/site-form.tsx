import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { Client, Site } from "@/api/types";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toaster";

interface SiteFormProps {
  client: Client;
  site?: Site;
  onClose: () => void;
  onCreated?: () => void;
}

/** Creates a site of a client, or renames the one it is given. */
export function SiteForm({ client, site, onClose, onCreated }: SiteFormProps) {
  const form = useForm({ defaultValues: { name: site?.name ?? "" } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const name = values.name.trim();
    try {
      if (site) await call("site_update", { path: { id: site.id }, body: { name } });
      else await call("site_create", { body: { client_id: client.id, name } });
      void invalidate("client_list", "client_get", "site_list", "site_get", "agent_list", "audit_event_list");
      toast("done", site ? `${name} saved` : `${name} created`);
      onCreated?.();
      onClose();
    } catch (error) {
      showFormError(error, form.setError, { name: "name" });
    }
  });
  return (
    <Dialog isOpen onClose={onClose} title={site ? `Rename ${site.name}` : `New site of ${client.name}`}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <Field label="Name" error={errors.name?.message} hint="A place: an office, a branch, a home.">
          {(control) => (
            <Input
              {...control}
              {...form.register("name", { validate: (text) => text.trim() !== "" || "Write the name of the site." })}
              autoFocus
              autoComplete="off"
            />
          )}
        </Field>
        <FormError message={errors.root?.message} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isPending={isSubmitting}>
            {site ? "Save site" : "Create site"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
