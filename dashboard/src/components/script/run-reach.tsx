import { useQuery } from "@tanstack/react-query";
import { q } from "@/api/client";
import type { CommandRunTargets } from "@/api/types";
import { RunPreview } from "../command-run/run-preview";

interface RunReachProps {
  scriptId: string;
  /** The number of its version. */
  number: number;
  targets: CommandRunTargets;
}

/** What a run of a script on many would reach. For who may run it there: the server refuses all others. */
export function RunReach({ scriptId, number, targets }: RunReachProps) {
  const preview = useQuery({
    ...q("script_preview", { path: { id: scriptId }, body: { targets, number } }),
    gcTime: 0,
  });
  return <RunPreview query={preview} />;
}
