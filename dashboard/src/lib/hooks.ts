import { useEffect, useState, useSyncExternalStore } from "react";
import { serverNow } from "./server-time";

export function useMediaQuery(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
    () => false,
  );
}

/** True on a screen as narrow as a phone's: tables become lists, the sidebar a drawer. */
export const useIsNarrow = () => useMediaQuery("(max-width: 767px)");

/** The value after it has rested for `delay` milliseconds. */
export function useDebounced<T>(value: T, delay: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), delay);
    return () => clearTimeout(timer);
  }, [value, delay]);
  return rested;
}

/** One shared clock for every relative time on the page: the server's. */
let now = serverNow();
const tickers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

export function useNow(): number {
  return useSyncExternalStore(
    (listener) => {
      tickers.add(listener);
      timer ??= setInterval(() => {
        now = serverNow();
        for (const tick of tickers) tick();
      }, 10_000);
      return () => {
        tickers.delete(listener);
        if (tickers.size === 0 && timer) {
          clearInterval(timer);
          timer = undefined;
        }
      };
    },
    () => {
      // Before the first tick the stored time may be old: a page opened after a pause must not show it.
      if (tickers.size === 0) now = Math.floor(serverNow() / 10_000) * 10_000;
      return now;
    },
  );
}
