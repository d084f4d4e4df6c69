import { Ellipsis } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, useId, useMemo, useState } from "react";
import { cn } from "@/lib/cn";
import type { MenuPlace } from "@/ui/menu";
import type { RowActs } from "./row-acts";

/** The one menu of all rows: of which it is open, and where. */
export interface RowMenu {
  open: { id: string; place: MenuPlace } | undefined;
  show: (id: string, at: MenuPlace["at"]) => void;
  close: () => void;
  /** The id of a row's button, in the document. */
  buttonOf: (id: string) => string;
}

export function useRowMenu(): RowMenu {
  const table = useId();
  const [open, setOpen] = useState<RowMenu["open"]>();
  return useMemo(() => {
    const buttonOf = (id: string) => `${table}${id}`;
    return {
      open,
      show: (id, at) => setOpen({ id, place: { at, owner: buttonOf(id) } }),
      close: () => setOpen(undefined),
      buttonOf,
    };
  }, [open, table]);
}

/** Where a right click was; the menu key of a keyboard has no point, and opens it at what has the focus. */
export function pointOf({ clientX, clientY, target }: MouseEvent): MenuPlace["at"] {
  if (clientX === 0 && clientY === 0 && target instanceof Element) {
    const { left, bottom } = target.getBoundingClientRect();
    return { left, top: bottom, width: 0, height: 0 };
  }
  return { left: clientX, top: clientY, width: 0, height: 0 };
}

interface RowMenuButtonProps<Row> {
  row: Row;
  acts: RowActs<Row>;
  isOpen: boolean;
  className?: string;
}

/** Opens what can be done with a row. */
export function RowMenuButton<Row>({ row, acts, isOpen, className }: RowMenuButtonProps<Row>) {
  const label = `Actions for ${acts.label(row)}`;
  const show = ({ currentTarget }: { currentTarget: Element }) => acts.menu(row, currentTarget.getBoundingClientRect());
  return (
    <button
      type="button"
      id={acts.menuButton(row)}
      aria-label={label}
      title={label}
      aria-haspopup="menu"
      aria-expanded={isOpen}
      onClick={show}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== "ArrowDown") return;
        // else the table would go to its next row
        event.preventDefault();
        show(event);
      }}
      className={cn(
        "inline-flex size-7 shrink-0 items-center justify-center rounded-md text-soft hover:bg-hover hover:text-ink aria-expanded:bg-hover aria-expanded:text-ink max-md:size-10 md:pointer-coarse:size-8",
        className,
      )}
    >
      <Ellipsis aria-hidden className="size-4" />
    </button>
  );
}
