import { X } from "lucide-react";
import { Dialog as Radix, AlertDialog as RadixAlert } from "radix-ui";
import { type ComponentProps, type ReactNode, useState } from "react";
import { cn } from "@/lib/cn";
import { Button } from "./button";
import { hasDialogFocus } from "./focus";

const overlay = "fixed inset-0 z-40 bg-[oklch(0.15_0.02_245/0.5)]";
const panel =
  "fixed left-1/2 top-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 flex-col rounded-lg border border-line bg-raised shadow-pop outline-none";

interface DialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  className?: string;
  /** Keeps the dialog when the reader clicks beside it: what was written in it would be lost. */
  isSticky?: boolean;
  /** Closes by its buttons only: something in it is shown this once. */
  isShownOnce?: boolean;
  /** What Escape does instead of closing, while something inside can be given up by itself. */
  onEscape?: (() => void) | undefined;
}

export function Dialog({
  isOpen,
  onClose,
  title,
  description,
  children,
  footer,
  className,
  isSticky,
  isShownOnce,
  onEscape,
}: DialogProps) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <ReturningContent
          className={cn(panel, "max-w-lg", className)}
          onInteractOutside={(event) => (isSticky || isShownOnce) && event.preventDefault()}
          onEscapeKeyDown={(event) => {
            if (isShownOnce || onEscape) event.preventDefault();
            onEscape?.();
          }}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <div className="flex items-start gap-3 border-line border-b px-4 py-3">
            <div className="min-w-0 flex-1">
              <Radix.Title className="break-words font-semibold text-base">{title}</Radix.Title>
              {description && <Radix.Description className="mt-0.5 text-soft text-sm">{description}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <Button variant="ghost" size="icon-sm" aria-label="Close">
                <X />
              </Button>
            </Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">{children}</div>
          {footer && <div className="flex flex-wrap justify-end gap-2 border-line border-t px-4 py-3">{footer}</div>}
        </ReturningContent>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Remembers what opened a dialog, and gives the focus back to it. For what is mounted with each opening. */
function useReturn(): (event: Event) => void {
  const [opener] = useState(() => document.activeElement);
  return (event) => {
    if (!(opener instanceof HTMLElement) || !opener.isConnected) return;
    event.preventDefault();
    if (!hasDialogFocus()) opener.focus();
  };
}

/** Gives the focus back to what opened it. Mounted with each opening, before a field inside takes the focus for itself. */
export function ReturningContent(props: ComponentProps<typeof Radix.Content>) {
  return <Radix.Content onCloseAutoFocus={useReturn()} {...props} />;
}

function ReturningAlert(props: ComponentProps<typeof RadixAlert.Content>) {
  return <RadixAlert.Content onCloseAutoFocus={useReturn()} {...props} />;
}

interface ConfirmDialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  confirmLabel: string;
  onConfirm: () => void;
  isPending?: boolean;
  /** Why it cannot be confirmed now. */
  disabledReason?: string | undefined;
}

/** Asks before something that cannot be undone; the keyboard starts on the way out. */
export function ConfirmDialog({
  isOpen,
  onClose,
  title,
  children,
  confirmLabel,
  onConfirm,
  isPending,
  disabledReason,
}: ConfirmDialogProps) {
  return (
    <RadixAlert.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <RadixAlert.Portal>
        <RadixAlert.Overlay className={overlay} />
        <ReturningAlert className={cn(panel, "max-w-md")}>
          <div className="min-h-0 overflow-y-auto px-4 py-4">
            <RadixAlert.Title className="break-words font-semibold text-base">{title}</RadixAlert.Title>
            <RadixAlert.Description asChild>
              <div className="mt-1.5 space-y-2 text-sm text-soft">{children}</div>
            </RadixAlert.Description>
          </div>
          <div className="flex justify-end gap-2 border-line border-t px-4 py-3">
            <RadixAlert.Cancel asChild>
              <Button>Keep</Button>
            </RadixAlert.Cancel>
            <Button variant="danger" onClick={onConfirm} isPending={isPending ?? false} disabledReason={disabledReason}>
              {confirmLabel}
            </Button>
          </div>
        </ReturningAlert>
      </RadixAlert.Portal>
    </RadixAlert.Root>
  );
}

interface DrawerProps {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
}

/** A panel from the left edge, for the navigation on a narrow screen. */
export function Drawer({ isOpen, onClose, title, children }: DrawerProps) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content
          aria-describedby={undefined}
          // A phone would open its keyboard for the first field: focus stays on the panel itself.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          tabIndex={-1}
          className="fixed inset-y-0 left-0 z-50 flex w-72 max-w-[85vw] animate-slide-in flex-col bg-sidebar shadow-pop outline-none"
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
          <Radix.Close asChild>
            <Button
              variant="ghost"
              size="icon"
              aria-label={`Close the ${title.toLowerCase()}`}
              className="absolute top-1 right-1"
            >
              <X />
            </Button>
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
