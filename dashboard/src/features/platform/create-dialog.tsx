import { useState } from "react";
import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import { CopyBlock } from "@/components/copy";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { LimitFields } from "./limit-fields";
import { type LimitTexts, limitsOf, textsOf } from "./limits";

interface Values extends LimitTexts {
  name: string;
  email: string;
}

interface Made {
  name: string;
  email: string;
  url: string;
}

/** Makes an organisation, and shows the link of its first owner this once. */
export function CreateDialog({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<Made>();
  if (made) return <LinkDialog made={made} onClose={onClose} />;
  return (
    <Dialog
      isOpen
      isSticky
      onClose={onClose}
      title="New organisation"
      description="You get a link for its first owner. You do not become a member of it."
    >
      <CreateForm onMade={setMade} />
    </Dialog>
  );
}

function CreateForm({ onMade }: { onMade: (made: Made) => void }) {
  const form = useForm<Values>({ defaultValues: { name: "", email: "", ...textsOf() } });
  const { errors, isSubmitting } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    const [name, email] = [values.name.trim(), values.email.trim()];
    try {
      const { url } = await call("platform_organisation_create", {
        body: { name, owner_email: email, limits: limitsOf(values) },
      });
      void invalidate("platform_organisation_list");
      onMade({ name, email, url });
    } catch (error) {
      showFormError(error, form.setError, {
        name: "name",
        owner_email: "email",
        email: "email",
        agents_max: "agents_max",
        users_max: "users_max",
        retention_days_max: "retention_days_max",
      });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <Field label="Name" error={errors.name?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("name", {
              validate: (text) => text.trim() !== "" || "Write the name of the organisation.",
            })}
            autoComplete="off"
            autoFocus
          />
        )}
      </Field>
      <Field label="E-mail of its first owner" error={errors.email?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("email", {
              required: "Write the address of its first owner.",
              pattern: { value: /^\s*\S+@\S+\s*$/, message: "This is not an e-mail address." },
            })}
            type="email"
            autoComplete="off"
          />
        )}
      </Field>
      <fieldset className="mt-1 flex min-w-0 flex-col gap-3">
        <legend className="mb-2 w-full border-line border-b pb-1 font-semibold text-sm">What it may have</legend>
        <LimitFields form={form} />
      </fieldset>
      <FormError message={errors.root?.message} />
      <div className="flex justify-end pt-1">
        <Button type="submit" variant="primary" isPending={isSubmitting}>
          Create organisation
        </Button>
      </div>
    </form>
  );
}

function LinkDialog({ made, onClose }: { made: Made; onClose: () => void }) {
  return (
    <Dialog
      isOpen
      isShownOnce
      onClose={onClose}
      title="The link of the first owner"
      description="It is shown only now: the server keeps no copy that it could show again."
      className="max-w-xl"
      footer={<Button onClick={onClose}>I have copied it</Button>}
    >
      <div className="flex flex-col gap-3">
        <p className="break-words text-sm">
          Send it to <strong className="font-medium">{made.email}</strong>, by a way that nobody else reads. Whoever
          opens it with this address becomes the owner of <strong className="font-medium">{made.name}</strong>. It works
          once, within 7 days.
        </p>
        <CopyBlock text={made.url} label="Link" />
      </div>
    </Dialog>
  );
}
