import { useQuery } from "@tanstack/react-query";
import { Link, useRouter, useSearch } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { call, q, queryClient } from "@/api/client";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { FrontPage } from "@/components/front-page";
import { safeNext } from "@/lib/search-params";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";

interface Values {
  email: string;
  password: string;
}

export function LoginPage() {
  const { next } = useSearch({ from: "/login" });
  const router = useRouter();
  const setup = useQuery({ ...q("setup_get", {}), refetchOnWindowFocus: false });
  const form = useForm<Values>({ defaultValues: { email: "", password: "" } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    try {
      await call("auth_login", { body: { email: values.email.trim(), password: values.password } });
      queryClient.clear();
      router.history.push(safeNext(next));
    } catch (error) {
      form.resetField("password");
      showFormError(error, form.setError, { email: "email", password: "password" });
    }
  });
  return (
    <FrontPage title="Log in" subtitle={next ? "Log in to go on where you were." : undefined}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <Field label="E-mail" error={errors.email?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("email", { required: "Write your e-mail address." })}
              type="email"
              autoComplete="username"
              autoFocus
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
            />
          )}
        </Field>
        <FormError message={errors.root?.message} />
        <Button type="submit" variant="primary" isPending={isSubmitting} className="mt-1 w-full">
          Log in
        </Button>
      </form>
      {setup.data?.open && (
        <p className="mt-4 border-line border-t pt-3 text-sm">
          This server has no administrator yet.{" "}
          <Link to="/setup" className="font-medium text-accent-text underline">
            Set it up
          </Link>
        </p>
      )}
    </FrontPage>
  );
}
