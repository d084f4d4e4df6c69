import { useForm } from "react-hook-form";
import { call } from "@/api/client";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";

interface LoginFormProps {
  /** The only account that helps here. */
  email?: string;
  submitLabel?: string;
  onDone: () => Promise<void> | void;
}

export function LoginForm({ email = "", submitLabel = "Log in", onDone }: LoginFormProps) {
  const form = useForm({ defaultValues: { email, password: "" } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    try {
      await call("auth_login", { body: { email: values.email.trim(), password: values.password } });
      await onDone();
    } catch (error) {
      form.resetField("password");
      showFormError(error, form.setError, { email: "email", password: "password" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <Field label="E-mail" error={errors.email?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("email", { required: "Write your e-mail address." })}
            type="email"
            autoComplete="username"
            readOnly={email !== ""}
            autoFocus={email === ""}
          />
        )}
      </Field>
      <Field label="Password" error={errors.password?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("password", { required: "Write your password." })}
            type="password"
            autoComplete="current-password"
            autoFocus={email !== ""}
          />
        )}
      </Field>
      <FormError message={errors.root?.message} />
      <Button type="submit" variant="primary" isPending={isSubmitting} className="mt-1 w-full">
        {submitLabel}
      </Button>
    </form>
  );
}
