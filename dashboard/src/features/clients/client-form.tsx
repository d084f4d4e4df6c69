import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { Client } from "@/api/types";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { toast } from "@/ui/toaster";

export const KIND_WORD: Record<Client["kind"], string> = {
  corporate: "Corporate",
  residential: "Residential",
  internal: "Internal",
};

/** What sort of customer it is, beside its name. */
export function KindMark({ kind }: { kind: Client["kind"] }) {
  return <span className="shrink-0 rounded bg-subtle px-1.5 py-px text-soft text-xs">{KIND_WORD[kind]}</span>;
}

/** Creates a client, or changes the one it is given. */
export function ClientForm({ client, onClose }: { client?: Client; onClose: () => void }) {
  const form = useForm<{ name: string; kind: Client["kind"] }>({
    defaultValues: { name: client?.name ?? "", kind: client?.kind ?? "corporate" },
  });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const body = { name: values.name.trim(), kind: values.kind };
    try {
      if (client) await call("client_update", { path: { id: client.id }, body });
      else await call("client_create", { body });
      void invalidate("client_list", "client_get", "site_list", "agent_list", "audit_event_list");
      toast("done", client ? `${body.name} saved` : `${body.name} created`);
      onClose();
    } catch (error) {
      showFormError(error, form.setError, { name: "name", kind: "kind" });
    }
  });
  return (
    <Dialog isOpen onClose={onClose} title={client ? `Change ${client.name}` : "New client"}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <Field label="Name" error={errors.name?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("name", { validate: (text) => text.trim() !== "" || "Write the name of the client." })}
              autoFocus
              autoComplete="off"
            />
          )}
        </Field>
        <Field label="Kind" error={errors.kind?.message}>
          {(control) => (
            <Select {...control} {...form.register("kind")}>
              {Object.entries(KIND_WORD).map(([kind, word]) => (
                <option key={kind} value={kind}>
                  {word}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <FormError message={errors.root?.message} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isPending={isSubmitting}>
            {client ? "Save client" : "Create client"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
