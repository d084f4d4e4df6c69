import type { CommandRun } from "@/api/types";
import { CodeText } from "@/components/command/code-text";
import { ScriptLink } from "@/components/command-run/script-link";
import { CopyButton } from "@/components/copy";
import { Panel } from "@/ui/panel";

export function RunText({ run }: { run: CommandRun }) {
  return (
    <Panel title={<TextTitle run={run} />} actions={<CopyButton text={run.command} size="sm" />}>
      <CodeText command={run} />
    </Panel>
  );
}

function TextTitle({ run }: { run: CommandRun }) {
  if (!run.script_name) return "Text";
  return (
    <>
      Text of <ScriptLink run={run} />
    </>
  );
}
