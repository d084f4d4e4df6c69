import { useQuery } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { call, invalidate, q } from "@/api/client";
import { ErrorView, FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { useCannot } from "@/components/me";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Panel, Skeleton } from "@/ui/panel";
import { toast } from "@/ui/toaster";

/** Who may approve a version of a script. */
export function ScriptsPanel() {
  const query = useQuery(q("organisation_get", {}));
  const cannotSee = useCannot("organisation.view");
  if (cannotSee) return null;
  const isNeeded = query.data?.scripts_need_other_person ?? false;
  return (
    <Panel title="Approval of scripts">
      {query.data ? (
        <OtherPersonForm key={String(isNeeded)} isNeeded={isNeeded} />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton className="h-20 w-full" />
      )}
    </Panel>
  );
}

function OtherPersonForm({ isNeeded }: { isNeeded: boolean }) {
  const cannot = useCannot("organisation.edit");
  const form = useForm({ defaultValues: { isNeeded } });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    try {
      await call("organisation_update", { body: { scripts_need_other_person: values.isNeeded } });
      toast("done", "Approval of scripts saved");
      await invalidate("organisation_get", "audit_event_list");
    } catch (error) {
      showFormError(error, form.setError, { scripts_need_other_person: "isNeeded" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <Checkbox
        isLabelVisible
        label="A version is approved by somebody who has not written it"
        hint={cannot ?? "Otherwise who may approve scripts may approve their own too."}
        isFixed={cannot !== undefined}
        checked={form.watch("isNeeded")}
        onChecked={(on) => form.setValue("isNeeded", on, { shouldDirty: true })}
      />
      <FormError message={errors.root?.message ?? errors.isNeeded?.message} />
      <div className="flex justify-end">
        <Button
          type="submit"
          variant="primary"
          isPending={isSubmitting}
          disabledReason={cannot ?? (isDirty ? undefined : "Nothing was changed.")}
        >
          Save approval of scripts
        </Button>
      </div>
    </form>
  );
}
