/** The library as a tree: scripts below the folders that their paths name, and the rows in which it is shown. */
import type { Script } from "@/api/types";

export interface FolderRow {
  kind: "folder";
  id: string;
  /** In small letters: folders are told apart without regard to case. */
  path: string;
  name: string;
  depth: number;
  /** Scripts in it and in the folders below it. */
  count: number;
  isOpen: boolean;
}
export interface ScriptRow {
  kind: "script";
  id: string;
  script: Script;
  depth: number;
}
export type LibraryRow = FolderRow | ScriptRow;

interface Folder {
  path: string;
  name: string;
  folders: Map<string, Folder>;
  scripts: Script[];
}

const newFolder = (path: string, name: string): Folder => ({ path, name, folders: new Map(), scripts: [] });

/** The folder of a script, made where it is not there yet. */
function folderOf(root: Folder, script: Script): Folder {
  let folder = root;
  for (const name of script.folder.split("/").filter(Boolean)) {
    const key = name.toLowerCase();
    const within = folder.folders.get(key) ?? newFolder(`${folder.path}/${key}`, name);
    folder.folders.set(key, within);
    folder = within;
  }
  return folder;
}

const countOf = (folder: Folder): number =>
  [...folder.folders.values()].reduce((sum, within) => sum + countOf(within), folder.scripts.length);

const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name, "en-GB");

function rowsIn(folder: Folder, depth: number, isClosed: (path: string) => boolean): LibraryRow[] {
  const folders = [...folder.folders.values()].sort(byName).flatMap((within): LibraryRow[] => {
    const isOpen = !isClosed(within.path);
    const { path, name } = within;
    const row: FolderRow = { kind: "folder", id: `folder:${path}`, path, name, depth, count: countOf(within), isOpen };
    return [row, ...(isOpen ? rowsIn(within, depth + 1, isClosed) : [])];
  });
  const scripts = [...folder.scripts]
    .sort(byName)
    .map((script): ScriptRow => ({ kind: "script", id: script.id, script, depth }));
  return [...folders, ...scripts];
}

/** Folders before the scripts beside them, both by name. */
export function libraryRows(scripts: readonly Script[], isClosed: (path: string) => boolean): LibraryRow[] {
  const root = newFolder("", "");
  for (const script of scripts) folderOf(root, script).scripts.push(script);
  return rowsIn(root, 0, isClosed);
}
