import { useNavigate } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { CommandRun } from "@/api/types";
import { failedOf } from "@/components/command-run/counts";
import { refusal } from "@/components/command-run/refusal";
import { FormError } from "@/components/feedback";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Textarea } from "@/ui/input";
import { RUN_STALE } from "./stale";

interface RerunDialogProps {
  run: CommandRun;
  onClose: () => void;
}

interface Values {
  /** In the order of the run's variables. */
  values: string[];
}

/** Asks before a run is repeated, and for the values of its variables, which were not kept. */
export function RerunDialog({ run, onClose }: RerunDialogProps) {
  const navigate = useNavigate();
  const form = useForm<Values>({ defaultValues: { values: run.variables.map(() => "") } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async ({ values }) => {
    const environment = Object.fromEntries(run.variables.map((name, index) => [name, values[index] ?? ""]));
    try {
      const again = await call("command_run_rerun", {
        path: { id: run.id },
        body: run.variables.length > 0 ? { environment } : {},
      });
      void invalidate(...RUN_STALE);
      onClose();
      void navigate({ to: "/command-runs/$id", params: { id: again.id } });
    } catch (error) {
      form.setError("root", { type: "server", message: refusal(error) });
    }
  });
  const count = plural(failedOf(run.counts), "machine");
  return (
    <Dialog
      isOpen
      isSticky={run.variables.length > 0}
      onClose={onClose}
      title={`Run it again on ${count}?`}
      className="max-w-md"
    >
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <p className="text-sm text-soft">
          The same, at the same pace, on the machines where it failed, ran out of time or was interrupted. It becomes a
          run of its own.
        </p>
        {run.variables.map((name, index) => (
          <Field key={name} label={name} hint={index === 0 ? "Values are not kept: give them again." : undefined}>
            {(control) => (
              <Textarea
                {...control}
                {...form.register(`values.${index}`)}
                autoFocus={index === 0}
                rows={1}
                spellCheck={false}
                autoComplete="off"
                autoCapitalize="off"
                autoCorrect="off"
                className="max-h-40 min-h-8 resize-none font-mono [field-sizing:content] max-sm:min-h-10"
              />
            )}
          </Field>
        ))}
        <FormError message={errors.root?.message} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isPending={isSubmitting}>
            Run it again
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
