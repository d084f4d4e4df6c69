import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { Role } from "@/api/types";
import { firstNotOwn, type Grant, ORGANISATION, titleOf } from "@/components/can";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { useCannot, useOwnGrants } from "@/components/me";
import { PermissionList } from "@/components/permission-list";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toaster";

interface Values {
  name: string;
  description: string;
  permissions: string[];
}

/** A role is made and changed by somebody who holds all that it names, in the whole organisation. */
export function whyNotChange(own: readonly Grant[], role: Role): string | undefined {
  const missing = firstNotOwn(own, role.permissions, ORGANISATION);
  return missing && `It includes “${titleOf(missing)}”, which you do not hold in the whole organisation yourself.`;
}

/** Makes a role, or changes the one it is given. */
export function RoleForm({ role, onSaved }: { role?: Role; onSaved: (role: Role) => void }) {
  const own = useOwnGrants();
  const lacking = useCannot("roles.edit");
  const cannot = lacking ?? (role && whyNotChange(own, role));
  const form = useForm<Values>({
    defaultValues: {
      name: role?.name ?? "",
      description: role?.description ?? "",
      permissions: role?.permissions ?? [],
    },
  });
  const { errors, isSubmitting, isDirty } = form.formState;
  form.register("permissions", { validate: (names) => names.length > 0 || "Choose at least one permission." });
  const named = form.watch("permissions");
  const submit = form.handleSubmit(async (values) => {
    const body = { ...values, name: values.name.trim(), description: values.description.trim() };
    try {
      const saved = role?.id
        ? await call("role_update", { path: { id: role.id }, body })
        : await call("role_create", { body });
      toast("done", role ? `${saved.name} saved` : `${saved.name} created`);
      await invalidate("role_list", "role_get", "user_list", "user_get", "user_access", "audit_event_list");
      onSaved(saved);
    } catch (error) {
      showFormError(error, form.setError, { name: "name", description: "description", permissions: "permissions" });
    }
  });
  return (
    <Panel title={role ? "What it is" : "The new role"}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        {cannot && <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">{cannot}</p>}
        <Field label="Name" error={errors.name?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("name", { validate: (text) => text.trim() !== "" || "Write the name of the role." })}
              autoFocus={!role}
              autoComplete="off"
              readOnly={Boolean(cannot)}
            />
          )}
        </Field>
        <Field
          label="Description"
          error={errors.description?.message}
          hint="What it is for, as whoever gives it reads it."
        >
          {(control) => (
            <Textarea
              {...control}
              {...form.register("description")}
              rows={2}
              className="min-h-14"
              readOnly={Boolean(cannot)}
            />
          )}
        </Field>
        <PermissionList
          named={named}
          {...(cannot
            ? {}
            : {
                onNamed: (next: string[]) =>
                  form.setValue("permissions", next, { shouldDirty: true, shouldValidate: form.formState.isSubmitted }),
              })}
          whyNot={(name) =>
            firstNotOwn(own, [name], ORGANISATION) && "You do not hold it in the whole organisation yourself."
          }
        />
        <FormError message={errors.permissions?.message ?? errors.root?.message} />
        <div className="flex justify-end">
          <Button
            type="submit"
            variant="primary"
            isPending={isSubmitting}
            disabledReason={cannot ?? (!role || isDirty ? undefined : "Nothing was changed.")}
          >
            {role ? "Save role" : "Create role"}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
