import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { call, invalidate, q } from "@/api/client";
import { ErrorView, FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { useCannot } from "@/components/me";
import { formatCount, formatDate, plural } from "@/lib/format";
import { serverNow } from "@/lib/server-time";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Panel, Skeleton } from "@/ui/panel";
import { toast } from "@/ui/toaster";

const DAYS_MIN = 7;
const DAYS_MAX = 4_000;

/** How long the organisation keeps commands that have ended. */
export function CommandRetentionPanel() {
  const query = useQuery(q("organisation_get", {}));
  const cannotSee = useCannot("organisation.view");
  if (cannotSee) return null;
  const days = query.data?.command_days ?? null;
  return (
    <Panel title="How long commands are kept">
      {query.data ? (
        <RetentionForm key={String(days)} days={days} />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton className="h-20 w-full" />
      )}
    </Panel>
  );
}

const parsed = (text: string): number | null => (text.trim() === "" ? null : Number(text));

function checkDays(text: string): true | string {
  const days = parsed(text);
  const isWithin = days === null || (Number.isInteger(days) && days >= DAYS_MIN && days <= DAYS_MAX);
  return isWithin || `Between ${DAYS_MIN} and ${formatCount(DAYS_MAX)} days, or nothing for ever.`;
}

/** Whether fewer days are kept than now; null is for ever. */
const isShorter = (next: number | null, saved: number | null): next is number =>
  next !== null && (saved === null || next < saved);

function dateBefore(days: number): string {
  const date = new Date(serverNow());
  date.setDate(date.getDate() - days);
  return formatDate(date.toISOString());
}

function RetentionForm({ days }: { days: number | null }) {
  const cannot = useCannot("organisation.edit");
  const form = useForm({ defaultValues: { days: days === null ? "" : String(days) } });
  const { errors, isSubmitting, isDirty } = form.formState;
  const [asked, setAsked] = useState<number>();
  const close = () => setAsked(undefined);
  const save = async (next: number | null) => {
    try {
      await call("organisation_update", { body: { command_days: next } });
      toast("done", "Retention of commands saved");
      await invalidate("organisation_get", "audit_event_list");
    } catch (error) {
      showFormError(error, form.setError, { command_days: "days" });
    }
  };
  const submit = form.handleSubmit(async (values) => {
    const next = parsed(values.days);
    if (isShorter(next, days)) setAsked(next);
    else await save(next);
  });
  // Closed before the answer comes: a refusal takes the focus to the field.
  const confirm = () => {
    if (asked === undefined) return;
    close();
    void form.handleSubmit(() => save(asked))();
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <p className="text-sm text-soft">
        Commands that ended longer ago are removed within a day with their output, and do not come back. What the audit
        log tells of them stays.
      </p>
      <Field label="Days after their end" hint="Empty: for ever" error={errors.days?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("days", { validate: checkDays })}
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
          Save retention of commands
        </Button>
      </div>
      <ConfirmDialog
        isOpen={asked !== undefined}
        onClose={close}
        title={`Keep commands for ${plural(asked ?? 0, "day")} only?`}
        confirmLabel="Remove older commands"
        onConfirm={confirm}
      >
        <p>
          Commands that ended before {asked === undefined ? "" : dateBefore(asked)} go for good with their output. What
          the audit log tells of them stays.
        </p>
      </ConfirmDialog>
    </form>
  );
}
