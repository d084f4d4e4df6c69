import { useRef, useState } from "react";
import { invalidate } from "@/api/client";
import { type ImportState, importFile } from "./import-file";
import { STALE } from "./stale";

export interface Import {
  key: number;
  name: string;
  state: ImportState;
}

export interface Imports {
  list: Import[];
  isRunning: boolean;
  add: (files: readonly File[]) => void;
  clear: () => void;
}

/** Files go into the library one after the other, in the order of their names: two of one script become two versions. */
export function useImports(): Imports {
  const [list, setList] = useState<Import[]>([]);
  const last = useRef(0);
  const work = useRef(Promise.resolve());
  const put = (key: number, state: ImportState) =>
    setList((before) => before.map((one) => (one.key === key ? { ...one, state } : one)));
  const add = (files: readonly File[]) => {
    const added = [...files]
      .sort((a, b) => a.name.localeCompare(b.name, "en-GB"))
      .map((file) => {
        last.current += 1;
        return { key: last.current, file };
      });
    setList((before) => [
      ...before,
      ...added.map(({ key, file }): Import => ({ key, name: file.name, state: { step: "waiting" } })),
    ]);
    work.current = added.reduce(
      (before, { key, file }) =>
        before.then(async () => {
          put(key, { step: "sending" });
          put(key, await importFile(file));
        }),
      work.current,
    );
    void work.current.then(() => invalidate(...STALE));
  };
  const isRunning = list.some(({ state }) => state.step === "waiting" || state.step === "sending");
  return { list, isRunning, add, clear: () => setList([]) };
}
