import { useNavigate } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { call, queryClient } from "@/api/client";
import { isCode } from "@/api/problem";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { NewPassword } from "@/components/new-password";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";

interface Values {
  token: string;
  name: string;
  email: string;
  password: string;
  repeat: string;
  organisation: string;
  client: string;
  site: string;
}

/** The first client and site, as the server made them at its first start. */
const FIRST = { client: "My organisation", site: "Main office" };

/** The field of the form for each field that the server may find wrong. */
const FIELDS = {
  token: "token",
  name: "name",
  email: "email",
  password: "password",
  organisation: "organisation",
  client: "client",
  site: "site",
} as const;

export function SetupForm({ token, onClosed }: { token: string; onClosed: () => void }) {
  const navigate = useNavigate();
  const form = useForm<Values>({
    defaultValues: { token, name: "", email: "", password: "", repeat: "", organisation: "", ...FIRST },
  });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async ({ repeat: _, ...body }) => {
    try {
      await call("setup_complete", { body: { ...body, token: body.token.trim(), email: body.email.trim() } });
      queryClient.clear();
      await navigate({ to: "/" });
    } catch (error) {
      if (isCode(error, "setup_closed")) onClosed();
      else showFormError(error, form.setError, FIELDS);
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
      <NewPassword form={form} name="password" repeat="repeat" />
      <Field label="Organisation" error={errors.organisation?.message} hint="The company that works with this server.">
        {(control) => (
          <Input
            {...control}
            {...form.register("organisation", { required: "Write the name of your organisation." })}
            autoComplete="organization"
          />
        )}
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="First client" error={errors.client?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("client", { required: "Name the first client." })}
              autoComplete="off"
            />
          )}
        </Field>
        <Field label="Its site" error={errors.site?.message}>
          {(control) => (
            <Input {...control} {...form.register("site", { required: "Name its site." })} autoComplete="off" />
          )}
        </Field>
      </div>
      <p className="-mt-2 text-soft text-xs">
        This machine is enrolled there. You can rename both, and add more clients, at any time.
      </p>
      <FormError message={errors.root?.message} />
      <Button type="submit" variant="primary" isPending={isSubmitting} className="mt-1 w-full">
        Create administrator
      </Button>
    </form>
  );
}
