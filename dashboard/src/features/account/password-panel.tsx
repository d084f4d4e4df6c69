import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { NewPassword } from "@/components/new-password";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toaster";

export function PasswordPanel({ email }: { email: string }) {
  const form = useForm({ defaultValues: { current: "", next: "", repeat: "" } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async ({ current, next }) => {
    try {
      await call("auth_password", { body: { current_password: current, new_password: next } });
      form.reset();
      toast("done", "Your password is changed", "Every other session of yours has ended.");
      void invalidate("session_list", "user_sessions", "audit_event_list");
    } catch (error) {
      showFormError(error, form.setError, { current_password: "current", new_password: "next" });
    }
  });
  return (
    <Panel title="Password">
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <p className="text-sm text-soft">A new password signs you out everywhere else.</p>
        {/* for password managers: whose password it is */}
        <input type="email" autoComplete="username" value={email} readOnly hidden />
        <Field label="Current password" error={errors.current?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("current", { required: "Write your current password." })}
              type="password"
              autoComplete="current-password"
            />
          )}
        </Field>
        <NewPassword form={form} name="next" repeat="repeat" label="New password" />
        <FormError message={errors.root?.message} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isPending={isSubmitting}>
            Change password
          </Button>
        </div>
      </form>
    </Panel>
  );
}
