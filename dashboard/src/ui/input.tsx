import { ChevronDown, Search, X } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

export const fieldStyle =
  "w-full rounded-md border border-line-strong bg-surface px-2.5 text-sm text-ink placeholder:text-soft hover:border-soft disabled:opacity-60 aria-invalid:border-bad";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input {...props} className={cn(fieldStyle, "h-8 max-sm:h-10", className)} />;
}

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return <textarea {...props} className={cn(fieldStyle, "min-h-20 py-1.5", className)} />;
}

/** The browser's own list: every device knows how to show it and every reader how to use it. */
export function Select({ className, ...props }: ComponentProps<"select">) {
  return (
    <span className={cn("relative inline-flex", className)}>
      <select {...props} className={cn(fieldStyle, "h-8 appearance-none truncate pr-7 max-sm:h-10")} />
      <ChevronDown
        aria-hidden
        className="-translate-y-1/2 pointer-events-none absolute top-1/2 right-2 size-3.5 text-soft"
      />
    </span>
  );
}

interface SearchInputProps extends Omit<ComponentProps<"input">, "onChange" | "value"> {
  value: string;
  onValue: (value: string) => void;
}

export function SearchInput({ value, onValue, className, ...props }: SearchInputProps) {
  return (
    <span className={cn("relative inline-flex", className)}>
      <Search
        aria-hidden
        className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-2.5 size-3.5 text-soft"
      />
      <input
        {...props}
        type="search"
        value={value}
        onChange={(event) => onValue(event.target.value)}
        className={cn(fieldStyle, "h-8 pr-7 pl-8 max-sm:h-10 [&::-webkit-search-cancel-button]:hidden")}
      />
      {value !== "" && (
        <button
          type="button"
          aria-label="Clear the search"
          onClick={() => onValue("")}
          className="-translate-y-1/2 absolute top-1/2 right-1 flex size-6 items-center justify-center rounded text-soft hover:text-ink"
        >
          <X className="size-3.5" />
        </button>
      )}
    </span>
  );
}
