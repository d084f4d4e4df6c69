import { plural } from "@/lib/format";
import { RadioList } from "@/ui/radio-list";
import type { RoleChoice } from "./role-choices";

interface RolePickerProps {
  choices: RoleChoice[];
  value: string | undefined;
  onValue: (key: string) => void;
  isDeny?: boolean;
}

/** Choose one role; those that cannot be given say why. */
export function RolePicker({ choices, value, onValue, isDeny = false }: RolePickerProps) {
  return (
    <RadioList
      label="Role"
      value={value}
      onValue={onValue}
      options={choices.map(({ key, role, disabledReason, idle }) => ({
        value: key,
        label: role.name,
        hint: [
          role.description,
          idle > 0 && !isDeny && `${plural(idle, "permission")} of it count in the whole organisation only.`,
        ]
          .filter(Boolean)
          .join(" "),
        disabledReason,
      }))}
    />
  );
}
