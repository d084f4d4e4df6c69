import { PERIODS, type Period } from "@/lib/period";
import { Select } from "@/ui/input";

interface PeriodSelectProps {
  value: Period | undefined;
  onValue: (period: Period | undefined) => void;
}

export function PeriodSelect({ value, onValue }: PeriodSelectProps) {
  return (
    <Select
      aria-label="Period"
      value={value ?? ""}
      onChange={(event) => onValue((event.target.value || undefined) as Period | undefined)}
      className="max-sm:flex-1"
    >
      <option value="">Any time</option>
      {Object.entries(PERIODS).map(([period, words]) => (
        <option key={period} value={period}>
          {words}
        </option>
      ))}
    </Select>
  );
}
