import { call, invalidate } from "@/api/client";
import type { Command } from "@/api/types";
import type { Machine } from "../each-machine";
import { useCannotAll } from "../me";
import { RunForm, type RunFormBasics } from "./run-form";
import { bodyOf } from "./run-values";

interface RunOnOneProps extends RunFormBasics {
  agent: Machine;
  onStarted: (command: Command) => void;
}

/** Runs a text on one machine. */
export function RunOnOne({ agent, onStarted, ...basics }: RunOnOneProps) {
  const agents = [agent];
  const cannot = useCannotAll("commands.run", agents);
  return (
    <RunForm
      {...basics}
      agents={agents}
      cannot={cannot}
      onSend={async (values) => {
        const command = await call("command_run", { path: { id: agent.id }, body: bodyOf(values) });
        void invalidate("command_list", "audit_event_list");
        onStarted(command);
      }}
    />
  );
}
