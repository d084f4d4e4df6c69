import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

interface PanelProps {
  title?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  bodyClassName?: string;
}

/** A titled block of a page. */
export function Panel({ title, actions, children, className, bodyClassName }: PanelProps) {
  return (
    <section className={cn("min-w-0 rounded-lg border border-line bg-surface", className)}>
      {(title || actions) && (
        <div className="flex min-h-10 items-center gap-2 border-line border-b px-4 py-1">
          <h2 className="min-w-0 flex-1 font-semibold text-sm">{title}</h2>
          {actions}
        </div>
      )}
      <div className={cn("p-4", bodyClassName)}>{children}</div>
    </section>
  );
}

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn("block animate-pulse-soft rounded bg-hover", className)} />;
}

export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="rounded border border-line bg-subtle px-1 font-sans text-2xs text-soft leading-4">{children}</kbd>
  );
}

/** Names and values in two columns. */
export function Facts({ items }: { items: { name: string; value: ReactNode }[] }) {
  return (
    <dl className="grid grid-cols-[fit-content(10rem)_minmax(0,1fr)] gap-x-4 text-sm sm:grid-cols-[minmax(7rem,10rem)_minmax(0,1fr)]">
      {items.map((item) => (
        <div key={item.name} className="col-span-2 grid grid-cols-subgrid border-line border-b py-1.5 last:border-b-0">
          <dt className="text-soft">{item.name}</dt>
          <dd className="min-w-0 break-words">{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}
