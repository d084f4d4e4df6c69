import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { q } from "@/api/client";
import { cn } from "@/lib/cn";
import { useDebounced } from "@/lib/hooks";
import type { FieldControl } from "@/ui/field";
import { fieldStyle } from "@/ui/input";

const LENGTH_MAX = 40;

interface TagInputProps {
  control: FieldControl;
  tags: string[];
  onTags: (tags: string[]) => void;
  /** What is typed and not a tag yet, so that a form does not lose it. */
  text: string;
  onText: (text: string) => void;
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** The tags with what was typed: commas separate, and what is there already is not added again. */
export function withTyped(tags: string[], text: string): string[] {
  const all = [...tags];
  for (const part of text.split(",")) {
    const tag = part.trim();
    if (tag && !all.some((known) => isSame(known, tag))) all.push(tag);
  }
  return all;
}

/** Tags as one types them: Enter or a comma ends one, Backspace in the empty field takes the last away. */
export function TagInput({ control, tags, onTags, text, onText }: TagInputProps) {
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [focused, setFocused] = useState(false);
  const rested = useDebounced(text.trim(), 200);
  const known = useQuery({
    ...q("tag_list", { query: rested ? { search: rested } : {} }),
    enabled: focused,
    placeholderData: (before) => before,
  });
  const add = (typed: string) => {
    onTags(withTyped(tags, typed));
    onText("");
  };
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && text.trim()) {
      event.preventDefault();
      add(text);
    }
    if (event.key === "Backspace" && text === "" && tags.length > 0) onTags(tags.slice(0, -1));
  };
  return (
    <div
      className={cn(
        fieldStyle,
        "flex min-h-8 flex-wrap items-center gap-1 py-0.5 has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-accent max-sm:min-h-10",
      )}
    >
      {tags.map((tag) => (
        <span key={tag} className="inline-flex min-w-0 max-w-full items-center rounded bg-hover pl-1.5 text-xs">
          <span className="truncate">{tag}</span>
          <button
            type="button"
            aria-label={`Remove the tag ${tag}`}
            onClick={() => {
              onTags(tags.filter((other) => other !== tag));
              input.current?.focus();
            }}
            className="flex size-6 shrink-0 items-center justify-center rounded text-soft hover:text-ink"
          >
            <X aria-hidden className="size-3" />
          </button>
        </span>
      ))}
      <input
        {...control}
        ref={input}
        list={listId}
        value={text}
        maxLength={LENGTH_MAX + 1}
        autoComplete="off"
        placeholder={tags.length === 0 ? "Type a tag and press Enter" : undefined}
        onFocus={() => setFocused(true)}
        onChange={({ target }) => (target.value.includes(",") ? add(target.value) : onText(target.value))}
        onKeyDown={onKey}
        className="h-6 min-w-24 flex-1 bg-transparent outline-none placeholder:text-soft [&::-webkit-calendar-picker-indicator]:hidden!"
      />
      <datalist id={listId}>
        {(known.data?.items ?? [])
          .filter(({ tag }) => !tags.some((other) => isSame(other, tag)))
          .map(({ tag }) => (
            <option key={tag} value={tag} />
          ))}
      </datalist>
    </div>
  );
}
