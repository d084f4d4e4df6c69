import { type ComponentType, lazy } from "react";

const KEY = "gururmm.reloaded";
const AGAIN_AFTER_MS = 60_000;
const RETRY_MS = 2_000;

const isServerThere = () =>
  fetch("/", { cache: "no-store" }).then(
    (answer) => answer.ok,
    () => false,
  );

/** Waits while the server is away; says whether it was. */
async function wasAway(): Promise<boolean> {
  if (await isServerThere()) return false;
  do await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  while (!(await isServerThere()));
  return true;
}

/** Whether the page may be loaded anew: not when that was tried just now. */
function mayReload(): boolean {
  const before = Number(sessionStorage.getItem(KEY) ?? 0);
  if (Date.now() - before < AGAIN_AFTER_MS) return false;
  sessionStorage.setItem(KEY, String(Date.now()));
  return true;
}

/**
 * Loads a part. While the server is away it is waited for, and the part shows what it shows while it is loading; after an upgrade of
 * the server its file is gone, and the page is loaded anew, once.
 */
export async function loadPart<Part>(load: () => Promise<Part>, reload: () => void): Promise<Part> {
  try {
    return await load();
  } catch (error) {
    if (await wasAway()) return loadPart(load, reload);
    if (!mayReload()) throw error;
    reload();
    return new Promise(() => {});
  }
}

/** A part of a page that is loaded when it is first shown. */
export function lazyPart<Props>(load: () => Promise<ComponentType<Props>>) {
  return lazy(async () => ({ default: await loadPart(load, () => window.location.reload()) }));
}
