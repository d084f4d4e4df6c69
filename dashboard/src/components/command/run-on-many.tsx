import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call, invalidate, q } from "@/api/client";
import type { CommandRun, CommandRunTargets } from "@/api/types";
import type { AllMatching } from "../actions";
import { RunPreview } from "../command-run/run-preview";
import type { Machine } from "../each-machine";
import { useCannotAny, useCannotIn } from "../me";
import { RunForm, type RunFormBasics } from "./run-form";
import { runBodyOf } from "./run-values";

interface RunOnManyProps extends RunFormBasics {
  agents: Machine[];
  /** All that a filter of the list matches are meant, and not only these. */
  all?: AllMatching | undefined;
  onStarted: (run: CommandRun) => void;
}

/** Runs a text on many machines by one request. What it would reach is looked up before. */
export function RunOnMany({ agents, all, onStarted, ...basics }: RunOnManyProps) {
  const targets = useMemo(
    (): CommandRunTargets => (all ? { filter: all.filter } : { ids: agents.map(({ id }) => id) }),
    [agents, all],
  );
  const preview = useQuery({ ...q("command_run_preview", { body: { targets } }), gcTime: 0 });
  const cannotHere = useCannotIn("commands.run", all?.filter ?? {});
  const cannotAny = useCannotAny("commands.run", agents);
  const isNone = preview.data?.count === 0;
  return (
    <RunForm
      {...basics}
      agents={agents}
      isMany
      cannot={(all ? cannotHere : cannotAny) ?? (isNone ? "No machine would be told." : undefined)}
      reach={<RunPreview query={preview} />}
      submitLabel={preview.data?.needs_approval ? "Ask for approval" : "Run command"}
      onSend={async (values) => {
        const run = await call("command_run_create", { body: runBodyOf(values, targets) });
        void invalidate("command_run_list", "command_list", "audit_event_list");
        onStarted(run);
      }}
    />
  );
}
