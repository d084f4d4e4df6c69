import type { CustomField } from "@/api/types";
import type { FieldControl } from "@/ui/field";
import { Input, Select } from "@/ui/input";

interface FieldInputProps {
  control: FieldControl;
  field: CustomField;
  /** Empty for none. */
  value: string;
  onValue: (value: string) => void;
}

function optionsOf({ kind, choices }: CustomField, value: string): { value: string; label: string }[] | undefined {
  if (kind === "checkbox") {
    return [
      { value: "true", label: "Yes" },
      { value: "false", label: "No" },
    ];
  }
  if (kind !== "choice") return undefined;
  // One that was taken away since is shown until another one is chosen.
  const all = value === "" || choices.includes(value) ? choices : [...choices, value];
  return all.map((choice) => ({ value: choice, label: choice }));
}

/** What fits the kind of a custom field; every one of them can be left without a value. */
export function FieldInput({ control, field, value, onValue }: FieldInputProps) {
  const options = optionsOf(field, value);
  if (options) {
    return (
      <Select {...control} value={value} onChange={({ target }) => onValue(target.value)} className="w-full">
        <option value="">—</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </Select>
    );
  }
  return (
    <Input
      {...control}
      type={field.kind === "date" ? "date" : "text"}
      inputMode={field.kind === "number" ? "decimal" : undefined}
      value={value}
      onChange={({ target }) => onValue(target.value)}
      maxLength={500}
      autoComplete="off"
    />
  );
}
