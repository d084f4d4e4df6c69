import { useId } from "react";
import { cn } from "@/lib/cn";

interface RadioListProps {
  label: string;
  value: string | undefined;
  onValue: (value: string) => void;
  options: {
    value: string;
    label: string;
    hint?: string;
    /** Why it cannot be chosen now. It stays reachable by keyboard, and says so. */
    disabledReason?: string | undefined;
  }[];
}

/** Choose one of several that each need a word about them. */
export function RadioList({ label, value, onValue, options }: RadioListProps) {
  const id = useId();
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 font-medium text-ink text-sm">{label}</legend>
      <div className="overflow-hidden rounded-md border border-line">
        {options.map((option) => {
          const own = `${id}-${option.value}`;
          const isOff = Boolean(option.disabledReason);
          const described = [option.hint ? `${own}-hint` : "", isOff ? `${own}-reason` : ""].filter(Boolean).join(" ");
          return (
            <label
              key={option.value}
              htmlFor={own}
              className={cn(
                "flex items-start gap-2.5 border-line border-b px-3 py-2 text-sm last:border-b-0",
                isOff ? "cursor-not-allowed" : "cursor-pointer hover:bg-hover has-checked:bg-accent-soft",
              )}
            >
              <input
                id={own}
                type="radio"
                name={id}
                checked={option.value === value}
                // Not `disabled`, which no keyboard reaches: whoever comes by hears why.
                aria-disabled={isOff || undefined}
                aria-describedby={described || undefined}
                onChange={() => !isOff && onValue(option.value)}
                className={cn("mt-0.5 size-4 shrink-0 accent-accent", isOff && "opacity-50")}
              />
              <span className="min-w-0 flex-1">
                <span className={cn("block break-words font-medium", isOff && "text-soft")}>{option.label}</span>
                {option.hint && (
                  <span id={`${own}-hint`} className="block break-words text-soft text-xs">
                    {option.hint}
                  </span>
                )}
                {option.disabledReason && (
                  <span id={`${own}-reason`} className="block break-words text-warn text-xs">
                    {option.disabledReason}
                  </span>
                )}
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
