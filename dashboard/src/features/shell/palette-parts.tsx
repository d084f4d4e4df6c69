import { Command } from "cmdk";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";
import { Kbd } from "@/ui/panel";

export function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-soft [&_[cmdk-group-heading]]:text-xs"
    >
      {children}
    </Command.Group>
  );
}

interface ItemProps {
  value: string;
  icon: ReactNode;
  onSelect: () => void;
  note?: ReactNode;
  /** Why it cannot be chosen now. */
  reason?: string | undefined;
  /** What a click on its end opens instead. */
  more?: { icon: ReactNode; onOpen: () => void };
  children: ReactNode;
}

export function Item({ value, icon, onSelect, note, reason, more, children }: ItemProps) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      // An option can hold no button: for the keyboard the same is on Tab.
      onClickCapture={(event) => {
        if (!more || !(event.target instanceof Element) || !event.target.closest("[data-more]")) return;
        event.stopPropagation();
        more.onOpen();
      }}
      className="flex min-h-9 cursor-default items-center gap-2.5 rounded px-2 text-sm data-[selected=true]:bg-hover max-sm:min-h-11 [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-soft"
    >
      {icon}
      <span className={cn("min-w-0 flex-1", reason && "py-1")}>
        <span className={cn("block truncate", reason && "text-soft")}>{children}</span>
        {reason && <span className="block text-soft text-xs">{reason}</span>}
      </span>
      {note}
      {more && (
        <span
          aria-hidden
          data-more
          className="-mr-1 flex size-8 shrink-0 items-center justify-center rounded text-soft hover:bg-line hover:text-ink max-sm:size-10 [&>svg]:size-4"
        >
          {more.icon}
        </span>
      )}
    </Command.Item>
  );
}

/** What the keys do, where there is a keyboard. */
export function Keys({ keys }: { keys: [name: string, does: string][] }) {
  return (
    <p className="flex gap-3 border-line border-t px-4 py-2 text-soft text-xs max-sm:hidden">
      {keys.map(([name, does]) => (
        <span key={does}>
          {name.split(" ").map((key) => (
            <span key={key}>
              <Kbd>{key}</Kbd>{" "}
            </span>
          ))}
          {does}
        </span>
      ))}
    </p>
  );
}
