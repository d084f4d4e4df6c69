import { useState } from "react";
import { Combobox } from "@/ui/combobox";
import type { FieldControl } from "@/ui/field";
import type { RoleChoice } from "./role-choices";

interface RoleComboboxProps {
  control: FieldControl;
  choices: RoleChoice[];
  value: string | undefined;
  onValue: (key: string) => void;
}

/** Choose one role where there is room for one line only. */
export function RoleCombobox({ control, choices, value, onValue }: RoleComboboxProps) {
  const [search, setSearch] = useState("");
  const matches = ({ role }: RoleChoice) => role.name.toLowerCase().includes(search.trim().toLowerCase());
  return (
    <Combobox
      control={control}
      label="Role"
      value={value}
      valueLabel={choices.find(({ key }) => key === value)?.role.name}
      onValue={(option) => onValue(option.value)}
      options={choices
        .filter(matches)
        .map(({ key, role, disabledReason }) => ({ value: key, label: role.name, disabledReason }))}
      search={search}
      onSearch={setSearch}
      placeholder="Choose a role"
      emptyText="No role has this name."
    />
  );
}
