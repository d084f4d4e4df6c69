import { useSyncExternalStore } from "react";

/** A value outside React with subscribers; optionally kept in localStorage under a key. */
export interface Store<T> {
  get: () => T;
  set: (next: T | ((before: T) => T)) => void;
  subscribe: (listener: () => void) => () => void;
}

export function createStore<T>(initial: T, storageKey?: string, accept?: (stored: unknown) => stored is T): Store<T> {
  let value = initial;
  if (storageKey) {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "null");
      if (accept?.(stored)) value = stored;
    } catch {
      // Unreadable or forbidden storage: the initial value holds.
    }
  }
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      const after = typeof next === "function" ? (next as (before: T) => T)(value) : next;
      if (Object.is(after, value)) return;
      value = after;
      if (storageKey) {
        try {
          localStorage.setItem(storageKey, JSON.stringify(value));
        } catch {
          // Full or forbidden storage: the choice lives until the tab closes.
        }
      }
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get, store.get);
}
