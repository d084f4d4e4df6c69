import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { UseFormReturn } from "react-hook-form";
import type { Script, ScriptParameter, ScriptVersion } from "@/api/types";
import { newRun, type ScriptRunValues } from "@/components/script/run-values";
import { scriptQuery, useScriptVersion, usualVersion } from "@/components/script/use-script";

export interface ChosenScript {
  id: string | undefined;
  script: Script | undefined;
  number: number | undefined;
  /** With what it asks for; the form has its fields. */
  version: ScriptVersion | undefined;
  error: unknown;
  retry: () => void;
  choose: (script: Script) => void;
  setNumber: (number: number) => void;
}

interface Start {
  scriptId?: string | undefined;
  number?: number | undefined;
}

/** Which version of which script, whose fields `run` gets: what was given under the same name stays. */
export function useChosenScript(run: UseFormReturn<ScriptRunValues>, start: Start): ChosenScript {
  const [id, setId] = useState(start.scriptId);
  const [chosen, setNumber] = useState(start.number);
  const [shown, setShown] = useState<{ scriptId: string; version: ScriptVersion }>();
  const query = useQuery({ ...scriptQuery(id ?? ""), enabled: id !== undefined });
  const script = id === undefined ? undefined : query.data;
  const number = script && (chosen ?? usualVersion(script));
  const { version: read, error, refetch } = useScriptVersion(id ?? "", number);
  const isShown = shown?.scriptId === id && shown?.version.number === number;
  useEffect(() => {
    if (!id || !read || isShown || read.number !== number) return;
    run.reset(withFields(run.getValues(), read.parameters));
    setShown({ scriptId: id, version: read });
    // what is approved meanwhile does not change what stands here
    setNumber(read.number);
  }, [id, read, number, isShown, run]);
  return {
    id,
    script,
    number,
    version: isShown ? shown?.version : undefined,
    error: query.error ?? error,
    retry: () => void (query.error ? query.refetch() : refetch()),
    choose: (next) => {
      setId(next.id);
      setNumber(undefined);
    },
    setNumber,
  };
}

/** What was given, as far as these ask for it. */
export function withFields(values: ScriptRunValues, parameters: readonly ScriptParameter[]): ScriptRunValues {
  const empty = newRun(parameters).parameters;
  const given = Object.entries(empty).map(([name, text]) => [name, values.parameters[name] ?? text]);
  return { ...values, parameters: Object.fromEntries(given) };
}
