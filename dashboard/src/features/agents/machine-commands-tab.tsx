import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { SquareTerminal } from "lucide-react";
import { pages } from "@/api/client";
import type { Agent, Command } from "@/api/types";
import { CommandLive } from "@/components/command/command-live";
import { RunOnOne } from "@/components/command/run-on-one";
import { CommandCompact, firstLine, MACHINE_COMMAND_COLUMNS } from "@/components/command-rows";
import { DataTable, rowsOf } from "@/components/data-table/data-table";
import { whyNoCommands } from "@/components/enrolment/held-words";
import { machineOf } from "@/components/enrolment/machine-act";
import { EmptyState } from "@/components/feedback";
import { Panel } from "@/ui/panel";

const commandId = (command: Command) => command.id;

/** Run one, watch it, look at those before. */
export function MachineCommandsTab({ agent }: { agent: Agent }) {
  const { command: openId } = useSearch({ from: "/app/machines/$id" });
  const navigate = useNavigate({ from: "/machines/$id" });
  const list = useInfiniteQuery(pages("command_list", { agent_id: agent.id }, { limit: 50 }));
  const held = whyNoCommands(agent);
  const open = (id: string) => void navigate({ search: (before) => ({ ...before, command: id }), replace: true });
  const shown = rowsOf(list.data).find((command) => command.id === openId);
  return (
    <div className="grid items-start gap-4 2xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <Panel title="Run a command">
          {held ? (
            <p className="mb-3 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">{held}</p>
          ) : agent.status === "offline" ? (
            <p className="mb-3 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
              The machine is offline. The command waits until it is back, or expires.
            </p>
          ) : null}
          <RunOnOne blocked={held} agent={machineOf(agent)} onStarted={({ id }) => open(id)} />
        </Panel>
        {openId && (
          <Panel
            title={
              <code className="block truncate font-mono text-xs">{shown ? firstLine(shown.command) : "Command"}</code>
            }
          >
            <CommandLive key={openId} id={openId} />
          </Panel>
        )}
      </div>
      <Panel title="History" bodyClassName="flex h-104 flex-col p-0">
        <DataTable
          label="Commands of this machine"
          noun="commands"
          query={list}
          columns={MACHINE_COMMAND_COLUMNS}
          rowId={commandId}
          rowLabel={(command) => command.command}
          compact={(command) => <CommandCompact command={command} isMachineShown={false} />}
          onRow={(command) => open(command.id)}
          empty={
            <EmptyState icon={SquareTerminal} title="Nothing was run here yet">
              Write a command and run it; its output appears while it runs.
            </EmptyState>
          }
          className="border-t-0 bg-transparent"
        />
      </Panel>
    </div>
  );
}
