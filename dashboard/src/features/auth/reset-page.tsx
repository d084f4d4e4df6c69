import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { call } from "@/api/client";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { FrontPage } from "@/components/front-page";
import { useHashToken } from "@/components/hash-token";
import { NewPassword } from "@/components/new-password";
import { Button } from "@/ui/button";

/** Where a link of the server's console leads: a new password for somebody who has lost theirs. */
export function ResetPage() {
  const token = useHashToken();
  const [isDone, setDone] = useState(false);
  if (isDone || !token) {
    return (
      <FrontPage
        title={isDone ? "The password is set" : "New password"}
        subtitle={
          isDone
            ? "You were signed out everywhere. Log in with the new password."
            : "This page opens with a link that the server's operator makes. Open the whole link that you were sent."
        }
      >
        <Button variant={isDone ? "primary" : "secondary"} asChild className="w-full">
          <Link to="/login">Go to the login</Link>
        </Button>
      </FrontPage>
    );
  }
  return (
    <FrontPage title="New password" subtitle="It ends every session of your account.">
      <ResetForm key={token} token={token} onDone={() => setDone(true)} />
    </FrontPage>
  );
}

function ResetForm({ token, onDone }: { token: string; onDone: () => void }) {
  const form = useForm({ defaultValues: { password: "", repeat: "" } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async ({ password }) => {
    try {
      await call("auth_reset", { body: { token, password } });
      onDone();
    } catch (error) {
      showFormError(error, form.setError, { password: "password" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <NewPassword form={form} name="password" repeat="repeat" label="New password" hasFocus />
      <FormError message={errors.root?.message} />
      <Button type="submit" variant="primary" isPending={isSubmitting} className="mt-1 w-full">
        Set password
      </Button>
    </form>
  );
}
