import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { SquareTerminal } from "lucide-react";
import { q } from "@/api/client";
import { isMissing } from "@/api/problem";
import type { Command } from "@/api/types";
import { CodeText } from "@/components/command/code-text";
import { CommandLive } from "@/components/command/command-live";
import { GivenPanel } from "@/components/command/given-panel";
import { TYPE_WORD } from "@/components/command/run-values";
import { CopyButton, Id } from "@/components/copy";
import { EmptyState } from "@/components/feedback";
import { Page, PageBody } from "@/components/page";
import { Time } from "@/components/time";
import { formatDuration } from "@/lib/format";
import { Button } from "@/ui/button";
import { Facts, Panel } from "@/ui/panel";
import { RunAgain } from "./run-again";

/** One command with its whole text, its output and its course. */
export function CommandPage() {
  const { id } = useParams({ from: "/app/commands/$id" });
  const query = useQuery(q("command_get", { path: { id } }));
  const command = query.data;
  if (isMissing(query.error)) {
    return (
      <Page title="Command">
        <EmptyState
          icon={SquareTerminal}
          title="This command is not here"
          className="flex-1"
          action={
            <Button asChild>
              <Link to="/commands">Back to the list</Link>
            </Button>
          }
        >
          Its machine was deleted, or the address is wrong.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page
      title="Command"
      actions={command && <RunAgain command={command} />}
      subtitle={
        command && (
          <>
            on{" "}
            <Link
              to="/machines/$id"
              params={{ id: command.agent_id }}
              search={{ tab: "commands" }}
              className="font-medium text-ink hover:underline"
            >
              {command.agent_name}
            </Link>
            , {command.client_name} › {command.site_name}
          </>
        )
      }
    >
      <PageBody>
        <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
          <div className="flex min-w-0 flex-col gap-4">
            {command && (
              <Panel title="Text" actions={<CopyButton text={command.command} size="sm" />}>
                <CodeText command={command} />
              </Panel>
            )}
            {command && <GivenPanel command={command} />}
            <Panel title="Result">
              <CommandLive key={id} id={id} />
            </Panel>
          </div>
          {command && <Course command={command} />}
        </div>
      </PageBody>
    </Page>
  );
}

function Course({ command }: { command: Command }) {
  return (
    <Panel title="Course">
      <Facts
        items={[
          { name: "Type", value: TYPE_WORD[command.command_type] },
          ...(command.interpreter
            ? [{ name: "Interpreter", value: <code className="font-mono text-xs">{command.interpreter}</code> }]
            : []),
          ...(command.run_id
            ? [
                {
                  name: "Part of",
                  value: (
                    <Link
                      to="/command-runs/$id"
                      params={{ id: command.run_id }}
                      className="font-medium text-accent-text hover:underline"
                    >
                      a run on many machines
                    </Link>
                  ),
                },
              ]
            : []),
          { name: "By", value: command.created_by_name ?? "—" },
          { name: "Created", value: <Time value={command.created_at} /> },
          { name: "Sent", value: <Time value={command.sent_at} empty="not yet" /> },
          { name: "Started", value: <Time value={command.started_at} empty="not yet" /> },
          { name: "Finished", value: <Time value={command.finished_at} empty="not yet" /> },
          ...(command.cancel_requested_at
            ? [{ name: "Cancel asked", value: <Time value={command.cancel_requested_at} /> }]
            : []),
          ...(command.status === "queued" || command.status === "awaiting_approval"
            ? [{ name: "Expires", value: <Time value={command.expires_at} /> }]
            : []),
          { name: "Time limit", value: formatDuration(command.timeout_seconds * 1000) },
          { name: "If disconnected", value: command.on_disconnect === "continue" ? "keeps running" : "is stopped" },
          { name: "Runs as", value: command.context === "system" ? "system account" : "logged-in user" },
          { name: "Command id", value: <Id value={command.id} label="command id" /> },
        ]}
      />
    </Panel>
  );
}
