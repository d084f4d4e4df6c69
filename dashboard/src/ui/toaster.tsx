import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { createStore, useStore } from "@/lib/store";

interface ToastMessage {
  id: number;
  kind: "done" | "failed" | "note";
  title: string;
  text?: string | undefined;
}

const toasts = createStore<ToastMessage[]>([]);
let lastId = 0;

const DONE_MS = 6000;

const ICON = {
  done: <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />,
  failed: <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />,
  note: <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-info" />,
};

/** Says that something was done, has failed (this stays until it is closed) or cannot be done now. Errors of a form belong to its fields, never here. */
export function toast(kind: ToastMessage["kind"], title: string, text?: string): void {
  lastId += 1;
  const message = { id: lastId, kind, title, text };
  // Said again, it replaces what it repeats.
  toasts.set((list) => [...list.filter((other) => other.title !== title || other.text !== text).slice(-3), message]);
}

export function Toaster() {
  const list = useStore(toasts);
  return (
    <Radix.Provider duration={DONE_MS} label="Message" swipeDirection="right">
      {list.map((message) => (
        <Radix.Root
          key={message.id}
          type={message.kind === "done" ? "background" : "foreground"}
          duration={message.kind === "failed" ? Number.POSITIVE_INFINITY : DONE_MS}
          onOpenChange={(open) => !open && toasts.set((all) => all.filter((other) => other.id !== message.id))}
          className="flex animate-appear items-start gap-2.5 rounded-lg border border-line bg-raised p-3 shadow-pop"
        >
          {ICON[message.kind]}
          <div className="min-w-0 flex-1">
            <Radix.Title className="break-words font-medium text-sm">{message.title}</Radix.Title>
            {message.text && (
              <Radix.Description className="break-words text-soft text-sm">{message.text}</Radix.Description>
            )}
          </div>
          <Radix.Close aria-label="Close the message" className="-m-1 rounded p-1.5 text-soft hover:text-ink">
            <X className="size-3.5" />
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport
        label="Messages ({hotkey})"
        className="fixed right-4 bottom-4 z-60 flex w-80 max-w-[calc(100vw-2rem)] flex-col gap-2 outline-none"
      />
    </Radix.Provider>
  );
}
