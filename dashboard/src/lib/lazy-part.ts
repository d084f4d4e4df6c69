import { type ComponentType, lazy } from "react";

const KEY = "gururmm.reloaded";
const AGAIN_AFTER_MS = 60_000;

/** Whether a new page would find what this one misses, and has not been tried just now. */
async function mayReload(): Promise<boolean> {
  const before = Number(sessionStorage.getItem(KEY) ?? 0);
  if (Date.now() - before < AGAIN_AFTER_MS) return false;
  const isReachable = await fetch("/", { cache: "no-store" }).then(
    (answer) => answer.ok,
    () => false,
  );
  if (isReachable) sessionStorage.setItem(KEY, String(Date.now()));
  return isReachable;
}

/** Loads a part; after an upgrade of the server its file is gone, and the page is loaded anew, once. */
export async function loadPart<Part>(load: () => Promise<Part>, reload: () => void): Promise<Part> {
  try {
    return await load();
  } catch (error) {
    if (!(await mayReload())) throw error;
    reload();
    return new Promise(() => {});
  }
}

/** A part of a page that is loaded when it is first shown. */
export function lazyPart<Props>(load: () => Promise<ComponentType<Props>>) {
  return lazy(async () => ({ default: await loadPart(load, () => window.location.reload()) }));
}
