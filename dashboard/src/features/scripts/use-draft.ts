import { useEffect, useState } from "react";
import { type UseFormReturn, useForm } from "react-hook-form";
import type { ScriptVersion } from "@/api/types";
import { type VersionValues, valuesOf } from "./version-values";

export interface Draft {
  form: UseFormReturn<VersionValues>;
  /** The number of the version that it changes. */
  base: number;
  isDirty: boolean;
  /** Somebody has saved a newer version than that. */
  isBehind: boolean;
  /** Gives up what was written, for the newest version. */
  takeNewest: () => void;
  /** Puts what was written on top of the newest version. */
  putOnTop: () => void;
  /** Begins with what an earlier version said. */
  startFrom: (version: ScriptVersion) => void;
  /** It is saved, under this number. */
  saved: (number: number) => void;
}

/** What is being written as the next version of a script. It follows the newest version until something is changed in it. */
export function useDraft(newest: ScriptVersion): Draft {
  const form = useForm<VersionValues>({ defaultValues: valuesOf(newest) });
  const [base, setBase] = useState(newest.number);
  const { isDirty } = form.formState;
  const isBehind = newest.number > base;
  const takeNewest = () => {
    form.reset(valuesOf(newest));
    setBase(newest.number);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows a newer version, and a draft that was given up
  useEffect(() => {
    if (isBehind && !isDirty) takeNewest();
  }, [isBehind, isDirty]);
  return {
    form,
    base,
    isDirty,
    isBehind: isBehind && isDirty,
    takeNewest,
    putOnTop: () => {
      form.reset(valuesOf(newest), { keepValues: true });
      setBase(newest.number);
    },
    startFrom: (version) => {
      const { note } = form.getValues();
      form.reset(valuesOf(newest));
      form.reset({ ...valuesOf(version), note }, { keepDefaultValues: true });
      setBase(newest.number);
    },
    saved: (number) => {
      form.reset({ ...form.getValues(), note: "" });
      setBase(number);
    },
  };
}
