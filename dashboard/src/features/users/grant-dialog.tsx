import { useQuery } from "@tanstack/react-query";
import { Ban, ShieldPlus } from "lucide-react";
import { useState } from "react";
import { q } from "@/api/client";
import { ApiError } from "@/api/problem";
import type { Member } from "@/api/types";
import { ORGANISATION, type Place } from "@/components/can";
import { ErrorView, FormError } from "@/components/feedback";
import { sentence } from "@/components/form";
import { useOwnGrants } from "@/components/me";
import { PlacePicker } from "@/components/place-picker";
import { useAction } from "@/components/use-action";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Skeleton } from "@/ui/panel";
import { RadioCards } from "@/ui/radio-group";
import { roleChoices } from "./role-choices";
import { RolePicker } from "./role-picker";
import { useCannotTouch } from "./user-actions";

type Effect = "allow" | "deny";

/** Gives somebody a role at a place, or denies it to them there. */
export function GrantDialog({ user, onClose }: { user: Member; onClose: () => void }) {
  const roles = useQuery(q("role_list", {}));
  const own = useOwnGrants();
  const [effect, setEffect] = useState<Effect>("allow");
  const [place, setPlace] = useState<Place>(ORGANISATION);
  const [key, setKey] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const give = useAction("grant_create", {
    hasForm: true,
    stale: ["user_get", "user_list", "user_access", "role_list", "audit_event_list"],
    done: ({ role_name }) =>
      effect === "allow" ? `${role_name} given to ${user.name}` : `${role_name} denied to ${user.name}`,
  });
  // To deny something to somebody takes as much as to take it away.
  const cannotDeny = useCannotTouch(user);
  const isOwner = user.grants.some((grant) => grant.built_in === "owner" && grant.effect === "allow");
  const cannot =
    effect === "allow"
      ? undefined
      : (cannotDeny ?? (isOwner ? "Nothing is denied to an owner: take the owner role away first." : undefined));
  const choices = roleChoices(roles.data?.items ?? [], { effect, place, own, theirs: user.grants });
  const chosen = choices.find((choice) => choice.key === key);
  const submit = async () => {
    if (!chosen) return;
    const { built_in, id } = chosen.role;
    try {
      await give.mutateAsync({
        path: { id: user.id },
        body: {
          effect,
          ...(built_in ? { built_in } : { role_id: id ?? null }),
          client_id: place.clientId ?? null,
          site_id: place.siteId ?? null,
        },
      });
      onClose();
    } catch (error) {
      const named = error instanceof ApiError ? error.errors.map(({ message }) => message).join(" ") : "";
      setProblem(named || sentence(error));
    }
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`A role for ${user.name}`}
      className="max-w-xl"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant={effect === "allow" ? "primary" : "danger"}
            isPending={give.isPending}
            disabledReason={cannot ?? (chosen ? chosen.disabledReason : "Choose a role.")}
            onClick={() => void submit()}
          >
            {effect === "allow" ? "Give the role" : "Deny the role"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <RadioCards<Effect>
          label="Give or deny"
          value={effect}
          onValue={setEffect}
          options={[
            {
              value: "allow",
              label: "Give",
              hint: "They may do what the role names.",
              icon: <ShieldPlus aria-hidden className="size-4 shrink-0 text-ok" />,
            },
            {
              value: "deny",
              label: "Deny",
              hint: "They may not, whatever else gives it.",
              icon: <Ban aria-hidden className="size-4 shrink-0 text-bad" />,
            },
          ]}
        />
        {cannot && <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">{cannot}</p>}
        <Field label="Where" hint="The whole organisation, a client with all its sites, or one site.">
          {(control) => <PlacePicker control={control} value={place} onValue={setPlace} />}
        </Field>
        {roles.data ? (
          <RolePicker choices={choices} value={key} onValue={setKey} isDeny={effect === "deny"} />
        ) : roles.error ? (
          <ErrorView error={roles.error} onRetry={() => void roles.refetch()} />
        ) : (
          <Skeleton className="h-48 w-full" />
        )}
        <FormError message={problem} />
      </div>
    </Dialog>
  );
}
