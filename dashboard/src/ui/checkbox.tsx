import { Check, Minus } from "lucide-react";
import { Checkbox as Radix } from "radix-ui";
import { type ReactNode, useId } from "react";

interface CheckboxProps {
  checked: boolean | "indeterminate";
  onChecked: (checked: boolean) => void;
  label: string;
  /** Shows the label beside the box; otherwise only a screen reader hears it. */
  isLabelVisible?: boolean;
  hint?: ReactNode;
  /** It cannot be changed now; the hint says why. It stays reachable by keyboard. */
  isFixed?: boolean;
}

export function Checkbox({ checked, onChecked, label, isLabelVisible, hint, isFixed }: CheckboxProps) {
  const id = useId();
  const box = (
    <Radix.Root
      id={id}
      checked={checked}
      onCheckedChange={(next) => !isFixed && onChecked(next === true)}
      aria-disabled={isFixed || undefined}
      aria-label={isLabelVisible ? undefined : label}
      className="relative flex size-4 shrink-0 items-center justify-center rounded border border-line-strong bg-surface before:absolute before:-inset-2 aria-disabled:cursor-not-allowed aria-disabled:opacity-55 data-[state=checked]:border-accent data-[state=indeterminate]:border-accent data-[state=checked]:bg-accent data-[state=indeterminate]:bg-accent"
    >
      <Radix.Indicator className="text-accent-ink">
        {checked === "indeterminate" ? <Minus className="size-3" /> : <Check className="size-3" strokeWidth={3} />}
      </Radix.Indicator>
    </Radix.Root>
  );
  if (!isLabelVisible) return box;
  return (
    <div className="flex items-start gap-2">
      <span className="pt-0.5">{box}</span>
      <label htmlFor={id} className={isFixed ? "cursor-not-allowed text-sm text-soft" : "text-sm"}>
        {label}
        {hint && <span className="block text-soft text-xs">{hint}</span>}
      </label>
    </div>
  );
}
