import { Command } from "cmdk";
import { Check, ChevronsUpDown } from "lucide-react";
import { useState } from "react";
import { cn } from "@/lib/cn";
import type { FieldControl } from "./field";
import { fieldStyle } from "./input";
import { Popover } from "./menu";

export interface ComboboxOption {
  value: string;
  label: string;
  hint?: string;
  /** Why it cannot be chosen. It stays reachable by keyboard, and says so. */
  disabledReason?: string | undefined;
}

interface ComboboxProps {
  control?: FieldControl;
  label: string;
  value: string | undefined;
  /** The words for the value, while it is not among the options. */
  valueLabel?: string | undefined;
  /** Shows these words also while the value is among the options. */
  isValueLabelShown?: boolean;
  onValue: (option: ComboboxOption) => void;
  options: ComboboxOption[];
  search: string;
  onSearch: (search: string) => void;
  placeholder: string;
  emptyText: string;
}

/** Choose one of many: the owner searches, this shows. */
export function Combobox(props: ComboboxProps) {
  const [isOpen, setOpen] = useState(false);
  const chosen = props.options.find((option) => option.value === props.value);
  const text =
    chosen && !props.isValueLabelShown
      ? chosen.hint
        ? `${chosen.hint} › ${chosen.label}`
        : chosen.label
      : props.valueLabel;
  return (
    <Popover
      isOpen={isOpen}
      onOpen={setOpen}
      label={props.label}
      className="w-(--radix-popover-trigger-width) min-w-60"
      trigger={
        <button
          type="button"
          role="combobox"
          aria-expanded={isOpen}
          aria-label={props.control ? undefined : props.label}
          {...props.control}
          className={cn(fieldStyle, "flex h-8 items-center gap-2 text-left max-sm:h-10 max-sm:text-lg")}
        >
          <span className={cn("min-w-0 flex-1 truncate", !text && "text-soft")}>{text ?? props.placeholder}</span>
          <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-soft" />
        </button>
      }
    >
      <Command shouldFilter={false} label={props.label}>
        <Command.Input
          value={props.search}
          onValueChange={props.onSearch}
          placeholder="Search…"
          className="h-9 w-full border-line border-b bg-transparent px-3 text-sm outline-none placeholder:text-soft"
        />
        <Command.List className="max-h-64 overflow-y-auto p-1">
          <Command.Empty className="px-2 py-4 text-center text-sm text-soft">{props.emptyText}</Command.Empty>
          {props.options.map((option) => (
            <Command.Item
              key={option.value}
              value={option.value}
              onSelect={() => {
                if (option.disabledReason) return;
                props.onValue(option);
                setOpen(false);
              }}
              className={cn(
                "flex min-h-8 cursor-default items-center gap-2 rounded px-2 text-sm data-[selected=true]:bg-hover",
                option.disabledReason && "flex-wrap py-1 text-soft",
              )}
            >
              <Check aria-hidden className={cn("size-3.5 shrink-0", option.value !== props.value && "invisible")} />
              <span className="min-w-0 truncate">{option.label}</span>
              {option.hint && <span className="ml-auto min-w-0 truncate text-soft text-xs">{option.hint}</span>}
              {option.disabledReason && <span className="w-full pl-5.5 text-xs">{option.disabledReason}</span>}
            </Command.Item>
          ))}
        </Command.List>
      </Command>
    </Popover>
  );
}
