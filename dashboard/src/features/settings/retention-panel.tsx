import { useQuery } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { call, invalidate, q } from "@/api/client";
import type { Answer } from "@/api/operations";
import { ErrorView, FormError } from "@/components/feedback";
import { sentence } from "@/components/form";
import { useCannot } from "@/components/me";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Panel, Skeleton } from "@/ui/panel";
import { toast } from "@/ui/toaster";

type View = Answer<"history_retention_get">;
type Days = View["kept"];

const FIELDS: { name: keyof Days; label: string }[] = [
  { name: "measurements_days", label: "Measurements" },
  { name: "five_minutes_days", label: "5-minute history" },
  { name: "hours_days", label: "Hourly history" },
];
const DAYS_MIN = 2;

/** How long the organisation keeps what was measured. */
export function RetentionPanel() {
  const query = useQuery(q("history_retention_get", {}));
  const cannotSee = useCannot("organisation.view");
  if (cannotSee) return null;
  return (
    <Panel title="Retention">
      {query.data ? (
        <RetentionForm key={JSON.stringify(query.data.kept)} view={query.data} />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton className="h-28 w-full" />
      )}
    </Panel>
  );
}

function RetentionForm({ view }: { view: View }) {
  const cannot = useCannot("organisation.edit");
  const form = useForm<Days>({ defaultValues: view.kept });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async (body) => {
    try {
      await call("history_retention_update", { body });
      toast("done", "Retention saved");
      await invalidate("history_retention_get", "audit_event_list");
    } catch (error) {
      form.setError("root", { type: "server", message: sentence(error) });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <p className="text-sm text-soft">
        Days for which measurements of this organisation's machines are kept. What is older is deleted within an hour
        and does not come back.
      </p>
      <div className="grid gap-3 sm:grid-cols-3">
        {FIELDS.map(({ name, label }) => {
          const wrong = `Between ${DAYS_MIN} and ${view.most[name]} days.`;
          return (
            <Field key={name} label={label} hint={`At most ${view.most[name]} days`} error={errors[name]?.message}>
              {(control) => (
                <Input
                  {...control}
                  {...form.register(name, {
                    valueAsNumber: true,
                    validate: (days) =>
                      (Number.isInteger(days) && days >= DAYS_MIN && days <= view.most[name]) || wrong,
                  })}
                  type="number"
                  min={DAYS_MIN}
                  max={view.most[name]}
                  disabled={Boolean(cannot)}
                />
              )}
            </Field>
          );
        })}
      </div>
      <FormError message={errors.root?.message} />
      <div className="flex justify-end">
        <Button
          type="submit"
          variant="primary"
          isPending={isSubmitting}
          disabledReason={cannot ?? (isDirty ? undefined : "Nothing was changed.")}
        >
          Save retention
        </Button>
      </div>
    </form>
  );
}
