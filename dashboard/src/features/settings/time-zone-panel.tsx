import { useQuery } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { call, invalidate, q } from "@/api/client";
import { ErrorView, FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { useCannot } from "@/components/me";
import { TimeZonePicker } from "@/components/time-zone-picker";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Panel, Skeleton } from "@/ui/panel";
import { toast } from "@/ui/toaster";

/** By which clock schedules are due at sites that name none of their own. */
export function TimeZonePanel() {
  const query = useQuery(q("organisation_get", {}));
  const cannotSee = useCannot("organisation.view");
  if (cannotSee) return null;
  return (
    <Panel title="Time zone">
      {query.data ? (
        <ZoneForm key={query.data.time_zone} zone={query.data.time_zone} />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton className="h-20 w-full" />
      )}
    </Panel>
  );
}

function ZoneForm({ zone }: { zone: string }) {
  const cannot = useCannot("organisation.edit");
  const form = useForm({ defaultValues: { zone } });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    try {
      await call("organisation_update", { body: { time_zone: values.zone } });
      toast("done", "Time zone saved");
      await invalidate("organisation_get", "schedule_list", "schedule_get", "audit_event_list");
    } catch (error) {
      showFormError(error, form.setError, { time_zone: "zone" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <p className="text-sm text-soft">
        Schedules are due by the clock of each machine's site. A site that names no time zone has this one.
      </p>
      <Field label="Time zone of the organisation" error={errors.zone?.message}>
        {(control) =>
          cannot ? (
            <Input {...control} value={zone} disabled readOnly />
          ) : (
            <TimeZonePicker
              control={control}
              value={form.watch("zone")}
              onValue={(next) => {
                form.setValue("zone", next, { shouldDirty: true });
                form.clearErrors("zone");
              }}
            />
          )
        }
      </Field>
      <FormError message={errors.root?.message} />
      <div className="flex justify-end">
        <Button
          type="submit"
          variant="primary"
          isPending={isSubmitting}
          disabledReason={cannot ?? (isDirty ? undefined : "Nothing was changed.")}
        >
          Save time zone
        </Button>
      </div>
    </form>
  );
}
