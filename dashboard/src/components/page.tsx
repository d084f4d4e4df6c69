import { type ReactNode, useEffect } from "react";
import { cn } from "@/lib/cn";

interface PageProps {
  title: string;
  /** Shown instead of the plain title, for a heading with a status beside it. */
  heading?: ReactNode;
  subtitle?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Where there is little room, its heading keeps a line of its own. */
  isHeadingLong?: boolean;
}

/** A page: its heading, its actions, its body. Sets the title of the window too, which announces the change of page. */
export function Page({ title, heading, subtitle, actions, children, className, isHeadingLong }: PageProps) {
  useEffect(() => {
    document.title = `${title} · GuruRMM`;
  }, [title]);
  return (
    <div className={cn("flex min-h-0 min-w-0 flex-1 flex-col", className)}>
      <header className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2 px-4 pt-3 pb-2.5 max-md:px-3">
        <div className={cn("min-w-0 flex-1", isHeadingLong && "basis-72")}>
          {heading ?? <h1 className="truncate font-semibold text-xl">{title}</h1>}
          {subtitle && <div className="text-soft text-sm">{subtitle}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface PageBodyProps {
  children: ReactNode;
  className?: string;
  /** Nothing in it takes the focus: it does itself, so that the keyboard can scroll it. */
  isText?: boolean;
}

/** The part of a page that scrolls, for pages that are not one table. */
export function PageBody({ children, className, isText }: PageBodyProps) {
  return (
    <div
      {...(isText ? { tabIndex: 0 } : {})}
      className={cn(
        "min-h-0 flex-1 overflow-y-auto overflow-x-hidden px-4 pt-1 pb-6 -outline-offset-2 max-md:px-3",
        className,
      )}
    >
      {children}
    </div>
  );
}

export function FilterBar({ children }: { children: ReactNode }) {
  return <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 pb-2.5 max-md:px-3">{children}</div>;
}
