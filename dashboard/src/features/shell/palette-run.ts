import { useState } from "react";
import { flushSync } from "react-dom";
import { paletteStore } from "@/components/actions";

/** Closes the palette, then does it: what opens gives the focus back to where the palette was opened. */
export function usePaletteRun(): (action: () => void) => () => void {
  const [opener] = useState(() => document.activeElement);
  return (action) => () => {
    flushSync(() => paletteStore.set(false));
    if (opener instanceof HTMLElement) opener.focus();
    action();
  };
}
