import { useQuery } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { call, invalidate, q } from "@/api/client";
import type { OrganisationSettings } from "@/api/types";
import { ErrorView, FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { useCannot } from "@/components/me";
import { Time } from "@/components/time";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Facts, Panel, Skeleton } from "@/ui/panel";
import { toast } from "@/ui/toaster";
import { Usage } from "./usage";

/** The organisation's name, and how much of what it may have is taken. */
export function OrganisationPanel() {
  const query = useQuery(q("organisation_get", {}));
  const cannotSee = useCannot("organisation.view");
  if (cannotSee) return null;
  return (
    <Panel title="Organisation">
      {query.data ? (
        <div className="flex flex-col gap-4">
          <NameForm key={query.data.name} organisation={query.data} />
          <Facts items={factsOf(query.data)} />
        </div>
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton className="h-40 w-full" />
      )}
    </Panel>
  );
}

function factsOf(organisation: OrganisationSettings) {
  const { retention_days_max: days } = organisation;
  return [
    {
      name: "Machines",
      value: (
        <Usage
          used={organisation.agent_count}
          max={organisation.agents_max}
          nearWords={(left) => `${plural(left, "more machine")} can join.`}
          fullWords="No more machines can join. Delete some that are gone, or ask whoever runs this server for more."
        />
      ),
    },
    {
      name: "People",
      value: (
        <Usage
          used={organisation.user_count}
          max={organisation.users_max}
          nearWords={(left) => `${plural(left, "more person", "more people")} can join.`}
          fullWords="Nobody else can join. Remove somebody, or ask whoever runs this server for more."
        />
      ),
    },
    ...(days ? [{ name: "Measurements", value: `Kept for ${plural(days, "day")} at most` }] : []),
    { name: "Created", value: <Time value={organisation.created_at} /> },
  ];
}

function NameForm({ organisation }: { organisation: OrganisationSettings }) {
  const cannot = useCannot("organisation.edit");
  const form = useForm({ defaultValues: { name: organisation.name } });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async ({ name }) => {
    try {
      await call("organisation_update", { body: { name: name.trim() } });
      toast("done", "Name of the organisation saved");
      await invalidate("organisation_get", "auth_me", "platform_organisation_list", "audit_event_list");
    } catch (error) {
      showFormError(error, form.setError, { name: "name" });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <Field label="Name of the organisation" error={errors.name?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("name", { validate: (text) => text.trim() !== "" || "Write the name." })}
            autoComplete="organization"
            disabled={Boolean(cannot)}
          />
        )}
      </Field>
      <FormError message={errors.root?.message} />
      <div className="flex justify-end">
        <Button
          type="submit"
          variant="primary"
          isPending={isSubmitting}
          disabledReason={cannot ?? (isDirty ? undefined : "Nothing was changed.")}
        >
          Save name
        </Button>
      </div>
    </form>
  );
}
