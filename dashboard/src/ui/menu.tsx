import { Check } from "lucide-react";
import { DropdownMenu as Radix, Popover as RadixPopover } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { cn } from "@/lib/cn";

const surface = "z-50 animate-appear rounded-lg border border-line bg-raised shadow-pop outline-none";

interface MenuProps {
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end";
  label?: string;
}

export function Menu({ trigger, children, align = "end", label }: MenuProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          className={cn(
            surface,
            "max-h-[min(28rem,var(--radix-dropdown-menu-content-available-height))] min-w-44 overflow-y-auto p-1",
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const row =
  "flex min-h-7 cursor-default select-none items-center gap-2 rounded px-2 text-sm outline-none data-disabled:opacity-50 data-highlighted:bg-hover max-sm:min-h-10 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-soft";

interface MenuItemProps {
  onSelect: () => void;
  children: ReactNode;
  isDanger?: boolean;
  /** Why it cannot be chosen now. It stays reachable by keyboard, and says so. */
  disabledReason?: string | false | undefined;
}

export function MenuItem({ onSelect, children, isDanger, disabledReason }: MenuItemProps) {
  return (
    <Radix.Item
      aria-disabled={disabledReason ? true : undefined}
      onSelect={(event) => (disabledReason ? event.preventDefault() : onSelect())}
      className={cn(
        row,
        disabledReason ? "flex-col items-start gap-0 py-1 text-soft" : isDanger && "text-bad [&_svg]:text-bad",
      )}
    >
      {disabledReason ? (
        <>
          <span className="flex items-center gap-2">{children}</span>
          <span className="max-w-56 pl-6 text-xs">{disabledReason}</span>
        </>
      ) : (
        children
      )}
    </Radix.Item>
  );
}

export function MenuCheck({
  children,
  checked,
  onChecked,
}: {
  children: ReactNode;
  checked: boolean;
  onChecked: (checked: boolean) => void;
}) {
  return (
    <Radix.CheckboxItem
      checked={checked}
      onCheckedChange={onChecked}
      onSelect={(event) => event.preventDefault()}
      className={cn(row, "pl-7 relative")}
    >
      <Radix.ItemIndicator className="absolute left-2">
        <Check />
      </Radix.ItemIndicator>
      {children}
    </Radix.CheckboxItem>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 font-medium text-soft text-xs">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="my-1 h-px bg-line" />;
}

interface PopoverProps extends MenuProps {
  isOpen: boolean;
  onOpen: (open: boolean) => void;
  className?: string;
}

export function Popover({ trigger, children, align = "start", label, isOpen, onOpen, className }: PopoverProps) {
  return (
    <RadixPopover.Root modal open={isOpen} onOpenChange={onOpen}>
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          className={cn(surface, className)}
        >
          {children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
