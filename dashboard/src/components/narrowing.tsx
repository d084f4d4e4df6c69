import { X } from "lucide-react";

interface NarrowingProps {
  words: string;
  onRemove: () => void;
}

/** What a list was narrowed to from elsewhere, without a field of its own in the bar; it can be taken away. */
export function Narrowing({ words, onRemove }: NarrowingProps) {
  return (
    <button
      type="button"
      aria-label={`Remove the filter: ${words}`}
      title={words}
      onClick={onRemove}
      className="inline-flex h-8 max-w-64 items-center gap-1.5 max-sm:w-full max-sm:max-w-none max-sm:justify-between rounded-md bg-accent-soft px-2.5 font-medium text-accent-text text-sm hover:bg-hover max-sm:h-10"
    >
      <span className="min-w-0 truncate">{words}</span>
      <X aria-hidden className="size-3.5 shrink-0" />
    </button>
  );
}
