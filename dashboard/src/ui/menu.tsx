import { Check } from "lucide-react";
import { DropdownMenu as Radix, Popover as RadixPopover } from "radix-ui";
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { flushSync } from "react-dom";
import { cn } from "@/lib/cn";
import { hasDialogFocus } from "./focus";

const HEIGHT =
  "max-h-[min(36rem,var(--radix-dropdown-menu-content-available-height))] min-w-44 max-w-[calc(100vw-1rem)] overflow-y-auto p-1";
const surface = "z-50 animate-appear rounded-lg border border-line bg-raised shadow-pop outline-none";

interface MenuProps {
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end";
  label?: string;
}

/** Closes the menu around an entry and gives the focus back, before what was chosen begins: a dialog takes it from there. */
const Closing = createContext<() => void>(() => {});

export function Menu({ trigger, children, align = "end", label }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    flushSync(() => setOpen(false));
    button.current?.focus({ preventScroll: true });
  };
  return (
    <Radix.Root open={isOpen} onOpenChange={setOpen}>
      <Radix.Trigger asChild ref={button}>
        {trigger}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          onCloseAutoFocus={(event) => hasDialogFocus() && event.preventDefault()}
          className={cn(surface, HEIGHT)}
        >
          <Closing value={close}>{children}</Closing>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Where a menu opens that no button has for itself. */
export interface MenuPlace {
  /** On the screen: the button, or the point where the pointer is. */
  at: Pick<DOMRect, "left" | "top" | "width" | "height">;
  /** The button that it belongs to, by its id: it names the menu and gets the focus back. */
  owner: string;
}

interface MenuAtProps {
  /** Closed without. */
  place: MenuPlace | undefined;
  onClose: () => void;
  children: ReactNode;
}

/** One menu that many buttons share, or that a right click opens. Stays mounted while it is closed, so that it knows the keyboard from the pointer. */
export function MenuAt({ place, onClose, children }: MenuAtProps) {
  const owner = useRef<string>(undefined);
  useEffect(() => {
    if (place) owner.current = place.owner;
  }, [place]);
  const giveBack = () => document.getElementById(owner.current ?? "")?.focus({ preventScroll: true });
  const close = () => {
    flushSync(onClose);
    giveBack();
  };
  const { left, top, width, height } = place?.at ?? { left: 0, top: 0, width: 0, height: 0 };
  const isPoint = width === 0;
  return (
    <Radix.Root open={place !== undefined} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Radix.Trigger asChild>
        <span aria-hidden className="pointer-events-none fixed" style={{ left, top, width, height }} />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          // at a point it keeps off it: the button that opened it is let go there
          side={isPoint ? "right" : "bottom"}
          align={isPoint ? "start" : "end"}
          sideOffset={isPoint ? 2 : 4}
          collisionPadding={8}
          aria-labelledby={place?.owner}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (!hasDialogFocus()) giveBack();
          }}
          className={cn(surface, HEIGHT)}
        >
          <Closing value={close}>{children}</Closing>
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
  const close = useContext(Closing);
  return (
    <Radix.Item
      aria-disabled={disabledReason ? true : undefined}
      onSelect={(event) => {
        event.preventDefault();
        if (disabledReason) return;
        close();
        onSelect();
      }}
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

interface MenuBlockedProps {
  reason: string;
  items: { id: string; content: ReactNode }[];
}

/** Entries that cannot be chosen now, all for one reason: it stands once, below them. The keyboard reaches each, and each says it. */
export function MenuBlocked({ reason, items }: MenuBlockedProps) {
  const id = useId();
  return (
    <>
      {items.map((item) => (
        <Radix.Item
          key={item.id}
          aria-disabled
          aria-describedby={id}
          title={reason}
          onSelect={(event) => event.preventDefault()}
          className={cn(row, "text-soft [&_svg]:opacity-60")}
        >
          {item.content}
        </Radix.Item>
      ))}
      <div id={id} className="max-w-64 px-2 pb-1.5 pl-8 text-soft text-xs">
        {reason}
      </div>
    </>
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

interface MenuChoiceProps<Value extends string> {
  value: Value;
  onValue: (value: Value) => void;
  options: { value: Value; content: ReactNode }[];
}

/** One of several; the menu closes with the choice. */
export function MenuChoice<Value extends string>({ value, onValue, options }: MenuChoiceProps<Value>) {
  return (
    <Radix.RadioGroup value={value} onValueChange={(chosen) => onValue(chosen as Value)}>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={cn(row, "relative pl-7")}>
          <Radix.ItemIndicator className="absolute left-2">
            <Check />
          </Radix.ItemIndicator>
          {option.content}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
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
