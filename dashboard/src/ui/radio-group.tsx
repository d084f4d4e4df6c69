import { RadioGroup as Radix } from "radix-ui";
import { type ReactNode, useId } from "react";

interface RadioCardsProps<Value extends string> {
  label: string;
  value: Value;
  onValue: (value: Value) => void;
  options: { value: Value; label: string; hint?: string; icon?: ReactNode }[];
}

/** A few choices side by side, each with a word about it. */
export function RadioCards<Value extends string>({ label, value, onValue, options }: RadioCardsProps<Value>) {
  const id = useId();
  return (
    <Radix.Root
      aria-label={label}
      value={value}
      onValueChange={(next) => onValue(next as Value)}
      className="flex flex-wrap gap-2"
    >
      {options.map((option) => (
        <label
          key={option.value}
          htmlFor={`${id}-${option.value}`}
          className="flex min-w-32 flex-1 cursor-pointer items-center gap-2.5 rounded-md border border-line bg-surface px-3 py-2 text-sm hover:bg-hover has-data-[state=checked]:border-accent has-data-[state=checked]:bg-accent-soft"
        >
          <Radix.Item
            id={`${id}-${option.value}`}
            value={option.value}
            className="flex size-4 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface data-[state=checked]:border-accent"
          >
            <Radix.Indicator className="size-2 rounded-full bg-accent" />
          </Radix.Item>
          {option.icon}
          <span className="min-w-0">
            <span className="font-medium">{option.label}</span>
            {option.hint && <span className="block text-soft text-xs">{option.hint}</span>}
          </span>
        </label>
      ))}
    </Radix.Root>
  );
}
