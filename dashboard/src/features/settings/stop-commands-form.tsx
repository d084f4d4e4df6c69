import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import { STOPPED_STALE } from "@/components/command-run/start-again";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { useMe } from "@/components/me";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { toast } from "@/ui/toaster";

const REASON_MAX = 500;
const EMPTY = { reason: "", name: "" };

function checkReason(text: string): true | string {
  const { length } = text.trim();
  return (length > 0 && length <= REASON_MAX) || `Say why, in at most ${REASON_MAX} characters.`;
}

/** Asks why, and for the organisation's name, so that no slip of a finger stops everything. */
export function StopCommandsForm({ cannot }: { cannot: string | undefined }) {
  const organisation = useMe()?.organisation.name ?? "";
  const form = useForm({ defaultValues: EMPTY });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async ({ reason }) => {
    if (cannot) return;
    try {
      const { told } = await call("command_stop_all", { body: { reason: reason.trim() } });
      toast(
        "done",
        "All commands were stopped",
        `${plural(told, "command")} that had begun or were on their way end now.`,
      );
      form.reset(EMPTY);
      await invalidate(...STOPPED_STALE);
    } catch (error) {
      showFormError(error, form.setError, { reason: "reason" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <Field label="Why" hint="Everybody reads it, on every page." error={errors.reason?.message}>
        {(control) => (
          <Textarea
            {...control}
            {...form.register("reason", { validate: checkReason })}
            rows={2}
            disabled={Boolean(cannot)}
            className="min-h-14"
          />
        )}
      </Field>
      <Field
        label="Confirm by its name"
        hint={`Write the name of the organisation: ${organisation}`}
        error={errors.name?.message}
      >
        {(control) => (
          <Input
            {...control}
            {...form.register("name", {
              validate: (text) => text.trim() === organisation || `Write exactly: ${organisation}`,
            })}
            autoComplete="off"
            spellCheck={false}
            disabled={Boolean(cannot)}
          />
        )}
      </Field>
      <FormError message={errors.root?.message} />
      <div className="flex justify-end">
        <Button type="submit" variant="danger" isPending={isSubmitting} disabledReason={cannot}>
          Stop all commands
        </Button>
      </div>
    </form>
  );
}
