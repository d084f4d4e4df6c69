import { useQuery } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { call, invalidate, q } from "@/api/client";
import { ErrorView, FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { useCannot } from "@/components/me";
import { formatCount } from "@/lib/format";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Panel, Skeleton } from "@/ui/panel";
import { toast } from "@/ui/toaster";

const MOST = 20_000;

/** Above how many machines a second person has to approve a run. */
export function ApprovalPanel() {
  const query = useQuery(q("organisation_get", {}));
  const cannotSee = useCannot("organisation.view");
  if (cannotSee) return null;
  const threshold = query.data?.approval_threshold ?? null;
  return (
    <Panel title="Approval of runs">
      {query.data ? (
        <ThresholdForm key={String(threshold)} threshold={threshold} />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton className="h-20 w-full" />
      )}
    </Panel>
  );
}

const parsed = (text: string): number | null => (text.trim() === "" ? null : Number(text));

function checkThreshold(text: string): true | string {
  const most = parsed(text);
  const isWithin = most === null || (Number.isInteger(most) && most >= 1 && most <= MOST);
  return isWithin || `Between 1 and ${formatCount(MOST)} machines, or nothing for never.`;
}

function ThresholdForm({ threshold }: { threshold: number | null }) {
  const cannot = useCannot("organisation.edit");
  const form = useForm({ defaultValues: { threshold: threshold === null ? "" : String(threshold) } });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    try {
      await call("organisation_update", { body: { approval_threshold: parsed(values.threshold) } });
      toast("done", "Approval of runs saved");
      await invalidate("organisation_get", "command_run_preview", "script_preview", "audit_event_list");
    } catch (error) {
      showFormError(error, form.setError, { approval_threshold: "threshold" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <p className="text-sm text-soft">
        Who asks for a command on more machines than this waits until a second person, who may approve runs on all of
        them, has said yes.
      </p>
      <Field label="Machines without approval, at most" hint="Empty: never" error={errors.threshold?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("threshold", { validate: checkThreshold })}
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
          Save approval
        </Button>
      </div>
    </form>
  );
}
