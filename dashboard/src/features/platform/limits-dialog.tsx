import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { PlatformOrganisation } from "@/api/types";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { toast } from "@/ui/toaster";
import { LimitFields } from "./limit-fields";
import { type LimitTexts, limitsOf, textsOf } from "./limits";

interface LimitsDialogProps {
  organisation: PlatformOrganisation;
  onClose: () => void;
}

/** Changes what an organisation may have. */
export function LimitsDialog({ organisation, onClose }: LimitsDialogProps) {
  const form = useForm<LimitTexts>({ defaultValues: textsOf(organisation) });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async (texts) => {
    try {
      await call("platform_organisation_update", { path: { id: organisation.id }, body: { limits: limitsOf(texts) } });
      void invalidate("platform_organisation_list", "organisation_get", "history_retention_get", "audit_event_list");
      toast("done", `Limits of ${organisation.name} saved`);
      onClose();
    } catch (error) {
      showFormError(error, form.setError, {
        agents_max: "agents_max",
        users_max: "users_max",
        retention_days_max: "retention_days_max",
      });
    }
  });
  return (
    <Dialog
      isOpen
      isSticky
      onClose={onClose}
      title={`Limits of ${organisation.name}`}
      description="What it may have from now on. The change is told in its audit log."
    >
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <LimitFields form={form} organisation={organisation} />
        <FormError message={errors.root?.message} />
        <div className="flex justify-end pt-1">
          <Button
            type="submit"
            variant="primary"
            isPending={isSubmitting}
            disabledReason={isDirty ? undefined : "Nothing was changed."}
          >
            Save limits
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
