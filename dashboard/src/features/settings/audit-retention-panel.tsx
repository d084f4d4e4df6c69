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

type View = Answer<"audit_retention_get">;

const DAYS_MIN = 90;
const DAYS_MAX = 4_000;

/** How long the organisation keeps its audit log. */
export function AuditRetentionPanel() {
  const query = useQuery(q("audit_retention_get", {}));
  const cannotSee = useCannot("organisation.view");
  if (cannotSee) return null;
  return (
    <Panel title="Audit log">
      {query.data ? (
        <RetentionForm key={String(query.data.days)} view={query.data} />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton className="h-20 w-full" />
      )}
    </Panel>
  );
}

const parsed = (text: string): number | null => (text.trim() === "" ? null : Number(text));

function RetentionForm({ view }: { view: View }) {
  const cannot = useCannot("organisation.edit");
  const form = useForm({ defaultValues: { days: view.days === null ? "" : String(view.days) } });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async ({ days }) => {
    try {
      await call("audit_retention_update", { body: { days: parsed(days) } });
      toast("done", "Retention of the audit log saved");
      await invalidate("audit_retention_get", "audit_event_list");
    } catch (error) {
      form.setError("root", { type: "server", message: sentence(error) });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <p className="text-sm text-soft">
        What is older is removed within a day and does not come back. Nobody can remove anything else from the audit
        log.
      </p>
      <Field label="Days" hint="Empty: for ever" error={errors.days?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("days", {
              validate: (text) => {
                const days = parsed(text);
                const isWithin = days === null || (Number.isInteger(days) && days >= DAYS_MIN && days <= DAYS_MAX);
                return isWithin || `Between ${DAYS_MIN} and ${DAYS_MAX}, or nothing for ever.`;
              },
            })}
            inputMode="numeric"
            className="w-40"
            disabled={Boolean(cannot)}
          />
        )}
      </Field>
      <FormError message={errors.root?.message} />
      <div className="flex justify-end">
        <Button
          type="submit"
          variant="primary"
          isPending={isSubmitting}
          disabledReason={cannot ?? (isDirty ? undefined : "Nothing was changed.")}
        >
          Save retention of the audit log
        </Button>
      </div>
    </form>
  );
}
