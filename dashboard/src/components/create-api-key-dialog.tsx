import { X } from "lucide-react";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { permissions } from "@/api/can";
import { call, invalidate } from "@/api/client";
import type { Answer } from "@/api/operations";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { isHeld, ORGANISATION, type Place } from "./can";
import { CopyBlock } from "./copy";
import { FormError } from "./feedback";
import { showFormError } from "./form";
import { useOwnGrants } from "./me";
import { PermissionList } from "./permission-list";
import { PlacePicker, usePlaceName } from "./place-picker";
import { Time } from "./time";

type Created = Answer<"api_key_create">;

interface Values {
  name: string;
  permissions: string[];
  places: Place[];
  networks: string;
  days: string;
}

const DAYS = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "180", label: "180 days" },
  { value: "400", label: "400 days" },
];

const KEY_TEXTS = {
  place: "Wherever you may, or only on the clients and sites that are chosen below.",
  organisation: "A key that is bound to clients or sites has none of these.",
};

/** Makes a key for a program and shows it this once. */
export function CreateApiKeyDialog({ onClose }: { onClose: () => void }) {
  const [created, setCreated] = useState<Created>();
  if (created) {
    return (
      <Dialog
        isOpen
        isShownOnce
        onClose={onClose}
        title="The new API key"
        description="It is shown only now: the server keeps no copy that it could show again."
        className="max-w-xl"
        footer={<Button onClick={onClose}>I have copied it</Button>}
      >
        <div className="flex flex-col gap-3">
          <CopyBlock text={created.key} label="API key" />
          <p className="text-sm text-soft">
            A program sends it as <code className="font-mono text-xs">Authorization: Bearer …</code> with each request.
            It ends <Time value={created.api_key.expires_at} />.
          </p>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      isOpen
      isSticky
      onClose={onClose}
      title="New API key"
      description="It acts in your name, and never may do more than you at that moment."
      className="max-w-2xl"
    >
      <KeyForm onCreated={setCreated} />
    </Dialog>
  );
}

function KeyForm({ onCreated }: { onCreated: (created: Created) => void }) {
  const own = useOwnGrants();
  const form = useForm<Values>({ defaultValues: { name: "", permissions: [], places: [], networks: "", days: "90" } });
  const { errors, isSubmitting, isSubmitted } = form.formState;
  form.register("permissions", { validate: (names) => names.length > 0 || "Choose at least one permission." });
  const named = form.watch("permissions");
  const places = form.watch("places");
  const submit = form.handleSubmit(async (values) => {
    try {
      const created = await call("api_key_create", {
        body: {
          name: values.name.trim(),
          permissions: values.permissions,
          client_ids: values.places.flatMap(({ clientId, siteId }) => (clientId && !siteId ? [clientId] : [])),
          site_ids: values.places.flatMap(({ siteId }) => siteId ?? []),
          networks: values.networks.split(/[\s,]+/).filter(Boolean),
          expires_in_days: Number(values.days),
        },
      });
      void invalidate("api_key_list", "audit_event_list");
      onCreated(created);
    } catch (error) {
      showFormError(error, form.setError, {
        name: "name",
        permissions: "permissions",
        networks: "networks",
        expires_in_days: "days",
      });
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      <Field label="Name" error={errors.name?.message} hint="What it is for, such as the program that will use it.">
        {(control) => (
          <Input
            {...control}
            {...form.register("name", { validate: (text) => text.trim() !== "" || "Give the key a name." })}
            autoComplete="off"
            autoFocus
          />
        )}
      </Field>
      <PermissionList
        named={named}
        onNamed={(next) => form.setValue("permissions", next, { shouldValidate: isSubmitted })}
        texts={KEY_TEXTS}
        isOffered={(name) => permissions[name].isForKeys}
        whyNot={(name) => (isHeld(own, name) ? undefined : "You do not hold it yourself.")}
      />
      <PlaceList places={places} onPlaces={(next) => form.setValue("places", next)} />
      <div className="grid gap-3 sm:grid-cols-2">
        <Field
          label="Networks"
          error={errors.networks?.message}
          hint="From which it works, such as 192.0.2.0/24, one a line. Empty: from anywhere."
        >
          {(control) => (
            <Textarea
              {...control}
              {...form.register("networks")}
              rows={2}
              spellCheck={false}
              className="min-h-14 font-mono"
            />
          )}
        </Field>
        <Field label="It works for" error={errors.days?.message}>
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
      </div>
      <FormError message={errors.permissions?.message ?? errors.root?.message} />
      <div className="flex justify-end">
        <Button type="submit" variant="primary" isPending={isSubmitting}>
          Create key
        </Button>
      </div>
    </form>
  );
}

const sameAs = (one: Place) => (other: Place) => one.clientId === other.clientId && one.siteId === other.siteId;

function PlaceList({ places, onPlaces }: { places: Place[]; onPlaces: (places: Place[]) => void }) {
  return (
    <div className="flex flex-col gap-2">
      <Field label="Only on" hint="Clients and sites that it is bound to. None: wherever you may.">
        {(control) => (
          <PlacePicker
            control={control}
            isWithin
            value={ORGANISATION}
            onValue={(place) => onPlaces([...places.filter((other) => !sameAs(place)(other)), place])}
          />
        )}
      </Field>
      {places.length > 0 && (
        <ul aria-label="Bound to" className="flex flex-wrap gap-1.5">
          {places.map((place) => (
            <PlaceChip
              key={JSON.stringify(place)}
              place={place}
              onRemove={() => onPlaces(places.filter((other) => !sameAs(place)(other)))}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

function PlaceChip({ place, onRemove }: { place: Place; onRemove: () => void }) {
  const name = usePlaceName(place);
  return (
    <li className="flex min-w-0 max-w-full items-center gap-1 rounded-md bg-accent-soft py-0.5 pr-0.5 pl-2 text-sm">
      <span className="truncate">{name}</span>
      <IconButton label={`Leave out ${name}`} size="icon-sm" onClick={onRemove}>
        <X />
      </IconButton>
    </li>
  );
}
