import { type FormEvent, useState } from "react";
import type { AgentBulkAction, CustomField } from "@/api/types";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Select } from "@/ui/input";
import { RadioCards } from "@/ui/radio-group";
import { FormError } from "../feedback";
import { errorsByField } from "../form";
import { useCustomFields } from "../use-custom-fields";
import { FieldInput } from "./field-input";

interface BulkFieldDialogProps {
  count: number;
  onClose: () => void;
  /** Throws what the server says of the value. */
  onDo: (field: CustomField, value: string | null, action: AgentBulkAction) => Promise<void>;
}

const isChosen = ({ kind }: CustomField) => kind === "choice" || kind === "checkbox";

/** What one of the organisation's fields says of the selected machines. */
export function BulkFieldDialog({ count, onClose, onDo }: BulkFieldDialogProps) {
  const fields = useCustomFields();
  const [id, setId] = useState(fields.length === 1 ? (fields[0]?.id ?? "") : "");
  const [what, setWhat] = useState<"set" | "clear">("set");
  const [text, setText] = useState("");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [isPending, setPending] = useState(false);
  const field = fields.find((one) => one.id === id);
  const value = what === "clear" ? null : text.trim();
  const missing = !field
    ? "Choose a field first."
    : value === "" && `${isChosen(field) ? "Choose" : "Write"} a value first, or clear it.`;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!field || missing || isPending) return;
    setPending(true);
    try {
      await onDo(field, value, { kind: "set_fields", custom_fields: { [field.id]: value } });
    } catch (error) {
      setErrors(errorsByField(error, "custom_fields."));
    } finally {
      setPending(false);
    }
  };
  return (
    <Dialog isOpen isSticky onClose={onClose} title={`Set a field of ${plural(count, "machine")}`}>
      <form onSubmit={(event) => void submit(event)} noValidate className="flex flex-col gap-4">
        <Field label="Field">
          {(control) => (
            <Select
              {...control}
              value={id}
              onChange={({ target }) => {
                setId(target.value);
                setText("");
                setErrors({});
              }}
              className="w-full"
            >
              <option value="">Choose a field</option>
              {fields.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        {field && (
          <>
            <RadioCards
              label="What to do"
              value={what}
              onValue={setWhat}
              options={[
                { value: "set", label: "Set a value", hint: "In place of what it says" },
                { value: "clear", label: "Clear the value", hint: "It says nothing any more" },
              ]}
            />
            {what === "set" && (
              <Field label={field.name} error={errors[field.id]}>
                {(control) => <FieldInput control={control} field={field} value={text} onValue={setText} />}
              </Field>
            )}
          </>
        )}
        <FormError message={errors.root} />
        <div className="flex justify-end">
          <Button type="submit" variant="primary" isPending={isPending} disabledReason={missing}>
            {what === "clear" ? "Clear the value" : "Set the value"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
