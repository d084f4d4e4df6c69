import { cn } from "@/lib/cn";

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  onValue: (value: Value) => void;
  options: { value: Value; label: string; hint?: string }[];
}

/** One of a few views of the same thing, side by side. */
export function Segmented<Value extends string>({ label, value, onValue, options }: SegmentedProps<Value>) {
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onValue(option.value)}
          className={cn(
            "h-7 rounded-md border px-2.5 font-medium text-xs max-sm:h-9",
            option.value === value
              ? "border-accent bg-accent-soft text-accent-text"
              : "border-line bg-surface hover:bg-hover",
          )}
        >
          {option.label}
          {option.hint && <span className="ml-1.5 font-normal">{option.hint}</span>}
        </button>
      ))}
    </fieldset>
  );
}
