import { Hourglass } from "lucide-react";
import type { CommandRunDetail } from "@/api/types";
import { CodeText } from "@/components/command/code-text";
import { ScriptLink } from "@/components/command-run/script-link";
import { CopyButton } from "@/components/copy";
import { useCannot, useMe } from "@/components/me";
import { Time } from "@/components/time";
import { plural } from "@/lib/format";
import { Facts, Panel } from "@/ui/panel";
import { DecisionForm } from "./decision-form";
import { RunVariables } from "./run-variables";
import { StopRun } from "./stop-run";

/** When it is given up, if nobody decides. */
const until = ({ created_at, expires_in_seconds }: CommandRunDetail): string =>
  new Date(Date.parse(created_at) + expires_in_seconds * 1000).toISOString();

/** All that a second person decides about, and their decision; for whoever asked, the way to take it back. */
export function ApprovalCard({ run }: { run: CommandRunDetail }) {
  const me = useMe();
  const isOwn = me?.user.id === run.created_by;
  const mayDecide = !isOwn && Boolean(run.digest);
  return (
    <Panel
      title={
        <span className="flex items-center gap-2">
          <Hourglass aria-hidden className="size-4 shrink-0 text-info" />
          {mayDecide ? "Waits for a decision" : "Waits for a second person"}
        </span>
      }
      actions={<CopyButton text={run.command} size="sm" />}
      className="border-info"
      bodyClassName="flex flex-col gap-4"
    >
      <Facts
        items={[
          ...(run.script_name ? [{ name: "Script", value: <ScriptLink run={run} /> }] : []),
          { name: "Asked by", value: run.created_by_name ?? "—" },
          { name: "Asked", value: <Time value={run.created_at} /> },
          { name: "Machines", value: plural(run.counts.awaiting_approval, "machine") },
          { name: "Decide until", value: <Time value={until(run)} /> },
        ]}
      />
      <div className="rounded-md border border-line bg-subtle px-3 py-2">
        <CodeText command={run} />
      </div>
      <RunVariables run={run} isOwn={isOwn} />
      {isOwn && (
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="min-w-0 flex-1 basis-64 text-sm text-soft">
            It begins as soon as somebody else who may approve runs says so. Until then you can take it back.
          </p>
          <StopRun run={run} />
        </div>
      )}
      {isOwn || mayDecide ? <DecisionForm run={run} isOwn={isOwn} /> : <NoDecision />}
    </Panel>
  );
}

/** The server gives nothing to decide with to whoever may not decide at each of its machines. */
function NoDecision() {
  const cannot = useCannot("commands.approve");
  return <p className="text-sm text-soft">{cannot ?? "You may not decide about runs at every machine of this one."}</p>;
}
