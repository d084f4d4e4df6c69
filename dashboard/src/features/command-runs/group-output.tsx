import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { q } from "@/api/client";
import type { CommandRunGroup } from "@/api/types";
import { outputFileName } from "@/components/command/output-text";
import { OutputView } from "@/components/command/output-view";
import { ErrorView } from "@/components/feedback";
import { Skeleton } from "@/ui/panel";

/** What every machine of a group wrote, read from one of them. */
export function GroupOutput({ group }: { group: CommandRunGroup }) {
  const query = useQuery({
    ...q("command_get", { path: { id: group.command_id } }),
    // Another machine of the group stands for it now: what it wrote is the same.
    placeholderData: (before) => before,
  });
  const command = query.data;
  if (query.error && !command) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  if (!command) return <Skeleton className="h-24 w-full" />;
  return (
    <div className="flex flex-col gap-2">
      <OutputView
        stdout={command.stdout}
        stderr={command.stderr}
        pieces={[]}
        stdoutBytes={command.stdout_bytes}
        stderrBytes={command.stderr_bytes}
        isRunning={false}
        isTruncated={command.truncated}
        fileName={outputFileName(command.agent_name, command.created_at)}
      />
      <p className="text-soft text-xs">
        As{" "}
        <Link to="/commands/$id" params={{ id: command.id }} className="font-medium text-accent-text hover:underline">
          {command.agent_name}
        </Link>{" "}
        wrote it
        {group.count > 1 && ", and the others byte for byte"}.
      </p>
    </div>
  );
}
