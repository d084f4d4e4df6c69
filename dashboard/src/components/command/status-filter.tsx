import type { CommandStatus } from "@/api/types";
import { Button } from "@/ui/button";
import { Menu, MenuCheck, MenuLabel } from "@/ui/menu";
import { COMMAND_STATUSES, commandStatusWord } from "../status";

interface StatusFilterProps {
  value: string | undefined;
  onValue: (value: string | undefined) => void;
}

/** Any number of statuses; none chosen means all. */
export function StatusFilter({ value, onValue }: StatusFilterProps) {
  const chosen = (value?.split(",") ?? []) as CommandStatus[];
  const label =
    chosen.length === 0
      ? "Any status"
      : chosen.length === 1 && chosen[0]
        ? commandStatusWord(chosen[0])
        : `${chosen.length} statuses`;
  const toggle = (status: CommandStatus, on: boolean) => {
    const next = on ? [...chosen, status] : chosen.filter((other) => other !== status);
    onValue(next.length > 0 ? next.join(",") : undefined);
  };
  return (
    <Menu
      label="Status"
      align="start"
      trigger={
        <Button aria-label={`Status: ${label}`} className="border-line-strong font-normal shadow-none max-sm:flex-1">
          {label}
        </Button>
      }
    >
      <MenuLabel>Show only</MenuLabel>
      {COMMAND_STATUSES.map((status) => (
        <MenuCheck key={status} checked={chosen.includes(status)} onChecked={(on) => toggle(status, on)}>
          {commandStatusWord(status)}
        </MenuCheck>
      ))}
    </Menu>
  );
}
