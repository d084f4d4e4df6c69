import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CircleStop } from "lucide-react";
import { useEffect, useState } from "react";
import { q } from "@/api/client";
import type { Command, CommandDetail } from "@/api/types";
import { formatDuration } from "@/lib/format";
import { serverNow } from "@/lib/server-time";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/panel";
import { ErrorView, FormError } from "../feedback";
import { useCannot } from "../me";
import { CommandStatusMark, isEnded } from "../status";
import { useAction } from "../use-action";
import type { Encoding } from "./encoding-menu";
import { outputFileName } from "./output-text";
import { OutputView } from "./output-view";
import { useOutput } from "./use-output";
import { useRest } from "./use-rest";

/** One command: its state in a word, its output as it comes, the way to cancel it. */
export function CommandLive({ id }: { id: string }) {
  const query = useQuery({ ...q("command_get", { path: { id } }), staleTime: 2_000 });
  const detail = query.data;
  const isLive = detail !== undefined && !isEnded(detail.status);
  const output = useOutput(detail, isLive);
  const [encoding, setEncoding] = useState<Encoding>();
  const isChosen = encoding !== undefined && !isLive;
  const reading = useQuery({
    ...q("command_get", { path: { id }, query: { encoding } }),
    enabled: isChosen,
    // An ended command writes nothing more.
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  const rests = {
    stdout: useRest(detail, "stdout", isChosen ? encoding : undefined, isLive),
    stderr: useRest(detail, "stderr", isChosen ? encoding : undefined, isLive),
  };
  if (query.error && !detail) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  if (!detail) {
    return (
      <div className="flex flex-col gap-3">
        <Skeleton className="h-5 w-40" />
        <Skeleton className="h-32 w-full" />
      </div>
    );
  }
  const shown = (isChosen && reading.data) || detail;
  return (
    <div className="flex flex-col gap-3">
      <StateLine command={detail} />
      {isChosen && reading.error && <FormError message={reading.error.message} />}
      <OutputView
        stdout={isLive ? output.stdout : shown.stdout}
        stderr={isLive ? output.stderr : shown.stderr}
        stdoutTimes={shown.stdout_times}
        stderrTimes={shown.stderr_times}
        rests={rests}
        encoding={{
          chosen: encoding,
          stdout: shown.stdout_encoding,
          stderr: shown.stderr_encoding,
          isReading: isChosen && reading.isFetching,
          onChoose: setEncoding,
        }}
        pieces={output.pieces}
        stdoutBytes={detail.stdout_bytes}
        stderrBytes={detail.stderr_bytes}
        isRunning={isLive}
        isTruncated={detail.truncated}
        fileName={outputFileName(detail.agent_name, detail.created_at)}
      />
    </div>
  );
}

function StateLine({ command }: { command: CommandDetail }) {
  const isOver = isEnded(command.status);
  const machine = useQuery({ ...q("agent_get", { path: { id: command.agent_id } }), enabled: !isOver }).data;
  const place = machine && { clientId: machine.client_id, siteId: machine.site_id };
  const cannot = useCannot("commands.run", place);
  const cancel = useAction("command_cancel", {
    stale: ["command_get", "command_list", "audit_event_list"],
    done: (answer) =>
      answer.status === "cancelled" ? "Command cancelled" : "The machine was asked to stop the command",
  });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5 text-sm">
      <span role="status">
        <CommandStatusMark status={command.status} />
      </span>
      <span className="text-soft">{stateWords(command)}</span>
      {command.exit_code !== null && command.exit_code !== undefined && (
        <span>
          Exit code <span className="font-mono">{command.exit_code}</span>
        </span>
      )}
      <Elapsed command={command} />
      {!isOver && (
        <Button
          size="sm"
          variant="danger"
          className="ml-auto"
          isPending={cancel.isPending}
          disabledReason={
            cannot ?? (command.cancel_requested_at ? "The machine has been asked to stop it." : undefined)
          }
          onClick={() => cancel.mutate({ path: { id: command.id } })}
        >
          <CircleStop /> Cancel command
        </Button>
      )}
    </div>
  );
}

function stateWords(command: Command): string {
  if (command.status_reason) return command.status_reason;
  if (command.cancel_requested_at && command.status === "running") return "Being cancelled…";
  if (command.status === "awaiting_approval") return "Waits until a second person approves its run";
  if (command.status === "queued") return command.sent_at ? "Sent to the machine" : "Waits until the machine is online";
  return "";
}

function Elapsed({ command }: { command: Command }) {
  const isRunning = command.status === "running" && Boolean(command.started_at);
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  if (command.duration_ms !== null && command.duration_ms !== undefined) {
    return <span className="text-soft">took {formatDuration(command.duration_ms)}</span>;
  }
  if (!isRunning || !command.started_at) return null;
  const seconds = Math.max(1, Math.round((now - Date.parse(command.started_at)) / 1000));
  return <span className="text-soft">for {seconds < 10 ? `${seconds} s` : formatDuration(seconds * 1000)}</span>;
}
