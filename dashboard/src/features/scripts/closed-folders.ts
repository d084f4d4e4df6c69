import { createStore, useStore } from "@/lib/store";

const isPaths = (stored: unknown): stored is string[] =>
  Array.isArray(stored) && stored.every((one) => typeof one === "string");

/** Folders that this browser keeps closed. */
const closed = createStore<string[]>([], "gururmm.scripts.closed", isPaths);

export const toggleFolder = (path: string): void =>
  closed.set((paths) => (paths.includes(path) ? paths.filter((one) => one !== path) : [...paths, path]));

export function useClosedFolders(): ReadonlySet<string> {
  return new Set(useStore(closed));
}
