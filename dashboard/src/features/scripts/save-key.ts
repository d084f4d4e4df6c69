import type { KeyboardEvent } from "react";

/** Ctrl or Cmd with S, which saves here instead of the page. */
export const isSaveKey = (event: KeyboardEvent): boolean =>
  event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
