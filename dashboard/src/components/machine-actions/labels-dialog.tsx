import { type FormEvent, useState } from "react";
import { call, invalidate } from "@/api/client";
import type { Agent, CustomField } from "@/api/types";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { toast } from "@/ui/toaster";
import { agentName } from "../agent-name";
import { FormError } from "../feedback";
import { errorsByField } from "../form";
import { TagInput, withTyped } from "../tag-input";
import { useCustomFields } from "../use-custom-fields";
import { FieldInput } from "./field-input";

interface LabelsDialogProps {
  agent: Agent;
  onClose: () => void;
}

type Values = Record<string, string>;

/** What differs from what the machine has: the server is told nothing else, so that nobody undoes what another one does. */
export function changesOf(agent: Agent, fields: CustomField[], values: Values): Record<string, string | null> {
  const changed = fields.filter(({ id }) => (values[id] ?? "").trim() !== (agent.custom_fields[id] ?? ""));
  return Object.fromEntries(changed.map(({ id }) => [id, (values[id] ?? "").trim() || null]));
}

/** Changes the tags of one machine and what the organisation's fields say of it. */
export function LabelsDialog({ agent, onClose }: LabelsDialogProps) {
  const fields = useCustomFields();
  const [tags, setTags] = useState(agent.tags);
  const [text, setText] = useState("");
  const [values, setValues] = useState<Values>(agent.custom_fields);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [isPending, setPending] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isPending) return;
    setPending(true);
    try {
      const body = { tags: withTyped(tags, text), custom_fields: changesOf(agent, fields, values) };
      await call("agent_update", { path: { id: agent.id }, body });
      toast("done", `${agentName(agent)} saved`);
      void invalidate("agent_get", "agent_list", "tag_list", "custom_field_list", "audit_event_list");
      onClose();
    } catch (error) {
      setErrors(errorsByField(error, "custom_fields."));
    } finally {
      setPending(false);
    }
  };
  const set = (id: string, value: string) => setValues((before) => ({ ...before, [id]: value }));
  return (
    <Dialog isOpen isSticky onClose={onClose} title={`Tags and fields of ${agentName(agent)}`}>
      <form onSubmit={(event) => void submit(event)} noValidate className="flex flex-col gap-4">
        <Field label="Tags" hint="Enter or a comma ends a tag, Backspace takes the last one away." error={errors.tags}>
          {(control) => <TagInput control={control} tags={tags} onTags={setTags} text={text} onText={setText} />}
        </Field>
        {fields.map((field) => (
          <Field key={field.id} label={field.name} error={errors[field.id]}>
            {(control) => (
              <FieldInput
                control={control}
                field={field}
                value={values[field.id] ?? ""}
                onValue={(value) => set(field.id, value)}
              />
            )}
          </Field>
        ))}
        <FormError message={errors.root} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isPending={isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
