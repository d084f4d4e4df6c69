import type { UseFormRegisterReturn } from "react-hook-form";
import type { FieldControl } from "@/ui/field";
import { Input, Select } from "@/ui/input";

interface SpanInputProps<Unit extends string> {
  control: FieldControl;
  amount: UseFormRegisterReturn;
  units: readonly Unit[];
  unit: Unit;
  onUnit: (unit: Unit) => void;
  unitLabel: string;
}

/** A span of time: how many of which unit. */
export function SpanInput<Unit extends string>(props: SpanInputProps<Unit>) {
  const { control, amount, units, unit, onUnit, unitLabel } = props;
  return (
    <span className="flex gap-2">
      <Input {...control} {...amount} inputMode="numeric" autoComplete="off" className="w-24" />
      <Select aria-label={unitLabel} value={unit} onChange={(event) => onUnit(event.target.value as Unit)}>
        {units.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </Select>
    </span>
  );
}
