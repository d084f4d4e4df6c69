import { useNavigate } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { call, queryClient } from "@/api/client";
import { isCode } from "@/api/problem";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";

interface Values {
  token: string;
  name: string;
  email: string;
  password: string;
  repeat: string;
}

const MIN_PASSWORD = 12;

export function SetupForm({ token, onClosed }: { token: string; onClosed: () => void }) {
  const navigate = useNavigate();
  const form = useForm<Values>({ defaultValues: { token, name: "", email: "", password: "", repeat: "" } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async ({ repeat: _, ...body }) => {
    try {
      await call("setup_complete", { body: { ...body, token: body.token.trim(), email: body.email.trim() } });
      queryClient.clear();
      await navigate({ to: "/" });
    } catch (error) {
      if (isCode(error, "setup_closed")) onClosed();
      else showFormError(error, form.setError, { token: "token", name: "name", email: "email", password: "password" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <Field
        label="Setup token"
        error={errors.token?.message}
        hint={token ? "Taken from the address you opened." : "The server prints it on its console when it starts."}
      >
        {(control) => (
          <Input
            {...control}
            {...form.register("token", { required: "Paste the token from the server's console." })}
            autoComplete="off"
            spellCheck={false}
            className="font-mono"
          />
        )}
      </Field>
      <Field label="Your name" error={errors.name?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("name", { required: "Write your name." })}
            autoComplete="name"
            autoFocus={token !== ""}
          />
        )}
      </Field>
      <Field label="E-mail" error={errors.email?.message} hint="You log in with it.">
        {(control) => (
          <Input
            {...control}
            {...form.register("email", {
              required: "Write your e-mail address.",
              pattern: { value: /^\s*\S+@\S+\s*$/, message: "This is not an e-mail address." },
            })}
            type="email"
            autoComplete="username"
          />
        )}
      </Field>
      <Field
        label="Password"
        error={errors.password?.message}
        hint={`At least ${MIN_PASSWORD} characters; a sentence is good.`}
      >
        {(control) => (
          <Input
            {...control}
            {...form.register("password", {
              minLength: { value: MIN_PASSWORD, message: `Use at least ${MIN_PASSWORD} characters.` },
              required: "Choose a password.",
            })}
            type="password"
            autoComplete="new-password"
          />
        )}
      </Field>
      <Field label="Repeat password" error={errors.repeat?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("repeat", {
              validate: (text, values) => text === values.password || "The two passwords differ.",
            })}
            type="password"
            autoComplete="new-password"
          />
        )}
      </Field>
      <FormError message={errors.root?.message} />
      <Button type="submit" variant="primary" isPending={isSubmitting} className="mt-1 w-full">
        Create administrator
      </Button>
    </form>
  );
}
