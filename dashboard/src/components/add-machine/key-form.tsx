import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import { serverNow } from "@/lib/server-time";
import { Button } from "@/ui/button";
import type { ComboboxOption } from "@/ui/combobox";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { FormError } from "../feedback";
import { showFormError } from "../form";
import { SitePicker } from "../site-picker";
import { ApprovalField } from "./approval-field";
import { keyRequest, LIFETIMES, USES } from "./install-line";

interface Values {
  site: ComboboxOption | undefined;
  name: string;
  uses: string;
  lifetime: string;
  needsApproval: boolean;
}

export interface CreatedKey {
  key: string;
  siteId: string;
  siteName: string;
  createdAt: string;
}

interface KeyFormProps {
  site: ComboboxOption | undefined;
  defaultName: string;
  submitLabel: string;
  onCreated: (created: CreatedKey) => void;
}

/** Makes a key with which machines join one site. */
export function KeyForm({ site, defaultName, submitLabel, onCreated }: KeyFormProps) {
  const form = useForm<Values>({
    defaultValues: { site, name: defaultName, uses: "1", lifetime: "86400", needsApproval: false },
  });
  const { errors, isSubmitting } = form.formState;
  const chosen = form.watch("site");
  form.register("site", { validate: (value) => value !== undefined || "Choose the site that the machines join." });
  const submit = form.handleSubmit(async (values) => {
    if (!values.site) return;
    try {
      const { site_key, key } = await call("site_key_create", {
        body: keyRequest(values.site.value, values, serverNow()),
      });
      void invalidate("site_key_list", "audit_event_list");
      onCreated({
        key,
        siteId: site_key.site_id,
        siteName: `${site_key.client_name} › ${site_key.site_name}`,
        createdAt: site_key.created_at,
      });
    } catch (error) {
      showFormError(error, form.setError, { site_id: "site", name: "name", max_uses: "uses", expires_at: "lifetime" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <Field label="Site" error={errors.site?.message} hint="Machines that use this key join this site.">
        {(control) => (
          <SitePicker
            control={control}
            permission="site_keys.edit"
            value={chosen?.value}
            valueLabel={chosen ? (chosen.hint ? `${chosen.hint} › ${chosen.label}` : chosen.label) : undefined}
            onValue={(option) => form.setValue("site", option, { shouldValidate: true })}
          />
        )}
      </Field>
      <Field label="Name of the key" error={errors.name?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("name", { validate: (text) => text.trim() !== "" || "Give the key a name." })}
            autoComplete="off"
          />
        )}
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Good for" error={errors.uses?.message}>
          {(control) => (
            <Select {...control} {...form.register("uses")}>
              {USES.map((use) => (
                <option key={use.value} value={use.value}>
                  {use.label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Valid for" error={errors.lifetime?.message}>
          {(control) => (
            <Select {...control} {...form.register("lifetime")}>
              {LIFETIMES.map((lifetime) => (
                <option key={lifetime.value} value={lifetime.value}>
                  {lifetime.label}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <ApprovalField checked={form.watch("needsApproval")} onChecked={(on) => form.setValue("needsApproval", on)} />
      <FormError message={errors.root?.message} />
      <div className="flex justify-end pt-1">
        <Button type="submit" variant="primary" isPending={isSubmitting}>
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}
