import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { Client, Site } from "@/api/types";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { TimeZonePicker, useOrganisationZone } from "@/components/time-zone-picker";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toaster";

type SiteFormProps = {
  onClose: () => void;
  onCreated?: () => void;
} & ({ site: Site; client?: never } | { client: Client; site?: never });

const DAYS_MAX = 365;
const daysOf = (text: string): number | null => (text.trim() === "" ? null : Number(text));

function isWithin(text: string): boolean {
  const days = daysOf(text);
  return days === null || (Number.isInteger(days) && days >= 1 && days <= DAYS_MAX);
}

/** Creates a site of a client, or changes the one it is given. */
export function SiteForm({ client, site, onClose, onCreated }: SiteFormProps) {
  const form = useForm({
    defaultValues: {
      name: site?.name ?? "",
      days: site?.remove_after_days?.toString() ?? "",
      zone: site?.time_zone ?? "",
    },
  });
  const usual = useOrganisationZone();
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const name = values.name.trim();
    try {
      const days = daysOf(values.days);
      if (site) {
        const body = {
          name,
          ...(days === (site.remove_after_days ?? null) ? {} : { remove_after_days: days }),
          ...(values.zone === (site.time_zone ?? "") ? {} : { time_zone: values.zone || null }),
        };
        await call("site_update", { path: { id: site.id }, body });
      } else {
        const { zone } = values;
        await call("site_create", { body: { client_id: client.id, name, ...(zone ? { time_zone: zone } : {}) } });
      }
      void invalidate(
        "client_list",
        "client_get",
        "site_list",
        "site_get",
        "agent_list",
        "schedule_list",
        "schedule_get",
        "audit_event_list",
      );
      toast("done", site ? `${name} saved` : `${name} created`);
      onCreated?.();
      onClose();
    } catch (error) {
      showFormError(error, form.setError, { name: "name", remove_after_days: "days", time_zone: "zone" });
    }
  });
  return (
    <Dialog isOpen onClose={onClose} title={site ? `Change ${site.name}` : `New site of ${client.name}`}>
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
        {site && (
          <Field
            label="Remove machines that have been offline for … days"
            error={errors.days?.message}
            hint="Empty: never. For machines that come and go, such as test machines: their records are deleted with all that they hold."
          >
            {(control) => (
              <Input
                {...control}
                {...form.register("days", {
                  validate: (text) => isWithin(text) || "From 1 to 365 days, or nothing for never.",
                })}
                inputMode="numeric"
                autoComplete="off"
                className="w-32"
              />
            )}
          </Field>
        )}
        <Field
          label="Time zone"
          error={errors.zone?.message}
          hint="By its clock schedules are due on the machines here."
        >
          {(control) => (
            <TimeZonePicker
              control={control}
              value={form.watch("zone")}
              onValue={(zone) => {
                form.setValue("zone", zone, { shouldDirty: true });
                form.clearErrors("zone");
              }}
              noneLabel={usual ? `The organisation's: ${usual}` : "The organisation's"}
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
