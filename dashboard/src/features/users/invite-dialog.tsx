import { useQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { call, invalidate, q } from "@/api/client";
import type { Answer } from "@/api/operations";
import type { Role } from "@/api/types";
import { type Grant, ORGANISATION, type Place } from "@/components/can";
import { CopyBlock } from "@/components/copy";
import { ErrorView, FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { useOwnGrants } from "@/components/me";
import { PlacePicker } from "@/components/place-picker";
import { Time } from "@/components/time";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { Skeleton } from "@/ui/panel";
import { roleChoices } from "./role-choices";
import { RoleCombobox } from "./role-combobox";

type Created = Answer<"invitation_create">;

/** One role at one place, while it is chosen. */
interface Wish {
  id: number;
  place: Place;
  roleKey: string | undefined;
}

interface Values {
  email: string;
  days: string;
  wishes: Wish[];
}

const DAYS = [
  { value: "1", label: "1 day" },
  { value: "3", label: "3 days" },
  { value: "7", label: "7 days" },
  { value: "14", label: "14 days" },
  { value: "30", label: "30 days" },
];
const ROLES_MAX = 20;

/** Makes a link by which somebody joins, and shows it this once. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const [created, setCreated] = useState<Created>();
  const roles = useQuery(q("role_list", {}));
  if (created) return <LinkDialog created={created} onClose={onClose} />;
  return (
    <Dialog
      isOpen
      isSticky
      onClose={onClose}
      title="Invite somebody"
      description="You get a link to send them. It works once, for an account of this address."
      className="max-w-xl"
    >
      {roles.data ? (
        <InviteForm roles={roles.data.items} onCreated={setCreated} />
      ) : roles.error ? (
        <ErrorView error={roles.error} onRetry={() => void roles.refetch()} />
      ) : (
        <Skeleton className="h-48 w-full" />
      )}
    </Dialog>
  );
}

/** Why the wishes cannot be sent as they are. */
function wishProblem(wishes: Wish[], roles: Role[], own: readonly Grant[]): string | undefined {
  if (wishes.some(({ roleKey }) => !roleKey)) return "Choose a role for each place.";
  const keys = wishes.map(({ roleKey, place }) => JSON.stringify([roleKey, place.clientId, place.siteId]));
  if (new Set(keys).size < keys.length) return "The same role is there twice.";
  for (const { place, roleKey } of wishes) {
    const choice = choicesFor(roles, place, own).find(({ key }) => key === roleKey);
    if (!choice) return "A role was deleted meanwhile: choose another.";
    if (choice.disabledReason) return `${choice.role.name} cannot be given there. ${choice.disabledReason}`;
  }
  return undefined;
}

const choicesFor = (roles: Role[], place: Place, own: readonly Grant[]) =>
  roleChoices(roles, { effect: "allow", place, own, theirs: [] });

function InviteForm({ roles, onCreated }: { roles: Role[]; onCreated: (created: Created) => void }) {
  const own = useOwnGrants();
  const form = useForm<Values>({
    defaultValues: { email: "", days: "7", wishes: [{ id: 0, place: ORGANISATION, roleKey: undefined }] },
  });
  const { errors, isSubmitting, isSubmitted } = form.formState;
  const wishes = form.watch("wishes");
  const setWishes = (next: Wish[]) => form.setValue("wishes", next, { shouldValidate: isSubmitted });
  const change = (id: number, with_: Partial<Wish>) =>
    setWishes(wishes.map((wish) => (wish.id === id ? { ...wish, ...with_ } : wish)));
  form.register("wishes", { validate: (chosen) => wishProblem(chosen, roles, own) ?? true });
  const submit = form.handleSubmit(async (values) => {
    try {
      const created = await call("invitation_create", {
        body: {
          email: values.email.trim(),
          expires_in_days: Number(values.days),
          grants: values.wishes.flatMap(({ place, roleKey }) => {
            const role = roles.find((one) => (one.built_in ?? one.id) === roleKey);
            if (!role) return [];
            const what = role.built_in ? { built_in: role.built_in } : { role_id: role.id ?? null };
            return [{ ...what, client_id: place.clientId ?? null, site_id: place.siteId ?? null }];
          }),
        },
      });
      void invalidate("invitation_list", "audit_event_list");
      onCreated(created);
    } catch (error) {
      showFormError(error, form.setError, { email: "email", expires_in_days: "days" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <Field label="E-mail" error={errors.email?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("email", {
              required: "Write the address of whom you invite.",
              pattern: { value: /^\s*\S+@\S+\s*$/, message: "This is not an e-mail address." },
            })}
            type="email"
            autoComplete="off"
            autoFocus
          />
        )}
      </Field>
      <fieldset className="flex min-w-0 flex-col gap-2">
        <legend className="mb-1 font-medium text-sm">What they get</legend>
        {wishes.map((wish, index) => (
          <div key={wish.id} className="flex items-end gap-2 rounded-md border border-line p-2.5">
            <div className="grid min-w-0 flex-1 gap-2 sm:grid-cols-2">
              <Field label={wishes.length > 1 ? `Where (${index + 1})` : "Where"}>
                {(control) => (
                  <PlacePicker control={control} value={wish.place} onValue={(place) => change(wish.id, { place })} />
                )}
              </Field>
              <Field label={wishes.length > 1 ? `Role (${index + 1})` : "Role"}>
                {(control) => (
                  <RoleCombobox
                    control={control}
                    choices={choicesFor(roles, wish.place, own)}
                    value={wish.roleKey}
                    onValue={(roleKey) => change(wish.id, { roleKey })}
                  />
                )}
              </Field>
            </div>
            {wishes.length > 1 && (
              <IconButton
                label={`Leave out role ${index + 1}`}
                onClick={() => setWishes(wishes.filter(({ id }) => id !== wish.id))}
              >
                <Trash2 />
              </IconButton>
            )}
          </div>
        ))}
        <div>
          <Button
            size="sm"
            disabledReason={wishes.length >= ROLES_MAX && `At most ${ROLES_MAX} roles at once.`}
            onClick={() =>
              setWishes([
                ...wishes,
                { id: Math.max(...wishes.map(({ id }) => id)) + 1, place: ORGANISATION, roleKey: undefined },
              ])
            }
          >
            <Plus /> Another role
          </Button>
        </div>
      </fieldset>
      <Field label="The link works for" error={errors.days?.message}>
        {(control) => (
          <Select {...control} {...form.register("days")}>
            {DAYS.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <FormError message={errors.wishes?.message ?? errors.root?.message} />
      <div className="flex justify-end">
        <Button type="submit" variant="primary" isPending={isSubmitting}>
          Create the link
        </Button>
      </div>
    </form>
  );
}

function LinkDialog({ created, onClose }: { created: Created; onClose: () => void }) {
  const { invitation, url } = created;
  return (
    <Dialog
      isOpen
      isShownOnce
      onClose={onClose}
      title="The invitation"
      description="Its link is shown only now: the server keeps no copy that it could show again."
      className="max-w-xl"
      footer={<Button onClick={onClose}>I have copied it</Button>}
    >
      <div className="flex flex-col gap-3">
        <p className="break-words text-sm">
          Send it to <strong className="font-medium">{invitation.email}</strong>, by a way that nobody else reads. It
          works once, and ends <Time value={invitation.expires_at} />.
        </p>
        <CopyBlock text={url} label="Link" />
      </div>
    </Dialog>
  );
}
