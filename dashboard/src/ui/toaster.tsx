import { CircleAlert, CircleCheck, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { createStore, useStore } from "@/lib/store";

interface ToastMessage {
  id: number;
  kind: "done" | "failed";
  title: string;
  text?: string | undefined;
}

const toasts = createStore<ToastMessage[]>([]);
let lastId = 0;

/** Says that something was done or has failed. Errors of a form belong to its fields, never here. */
export function toast(kind: ToastMessage["kind"], title: string, text?: string): void {
  lastId += 1;
  const message = { id: lastId, kind, title, text };
  toasts.set((list) => [...list.slice(-3), message]);
}

export function Toaster() {
  const list = useStore(toasts);
  return (
    <Radix.Provider duration={6000} label="Message" swipeDirection="right">
      {list.map((message) => (
        <Radix.Root
          key={message.id}
          type={message.kind === "failed" ? "foreground" : "background"}
          onOpenChange={(open) => !open && toasts.set((all) => all.filter((other) => other.id !== message.id))}
          className="flex animate-appear items-start gap-2.5 rounded-lg border border-line bg-raised p-3 shadow-pop"
        >
          {message.kind === "done" ? (
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
          ) : (
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
          )}
          <div className="min-w-0 flex-1">
            <Radix.Title className="font-medium text-sm">{message.title}</Radix.Title>
            {message.text && <Radix.Description className="text-soft text-sm">{message.text}</Radix.Description>}
          </div>
          <Radix.Close aria-label="Close the message" className="rounded p-0.5 text-soft hover:text-ink">
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
