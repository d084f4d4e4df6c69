import { useEffect, useRef, useState } from "react";
import { useDebounced } from "@/lib/hooks";

/** A search field whose text goes to the address when it has rested, and follows the address when that changes. */
export function useSearchText(
  inUrl: string | undefined,
  toUrl: (text: string | undefined) => void,
): [string, (text: string) => void] {
  const [text, setText] = useState(inUrl ?? "");
  const rested = useDebounced(text, 250);
  const sent = useRef(inUrl ?? "");
  const send = useRef(toUrl);
  send.current = toUrl;
  useEffect(() => {
    const trimmed = rested.trim();
    if (trimmed === sent.current) return;
    sent.current = trimmed;
    send.current(trimmed || undefined);
  }, [rested]);
  useEffect(() => {
    const next = inUrl ?? "";
    if (next === sent.current) return;
    sent.current = next;
    setText(next);
  }, [inUrl]);
  return [text, setText];
}
