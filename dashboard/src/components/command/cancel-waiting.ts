import { call, invalidate } from "@/api/client";
import { explain } from "@/api/problem";
import type { Command } from "@/api/types";
import { plural } from "@/lib/format";
import { toast } from "@/ui/toaster";
import { firstLine } from "../command-rows";
import { eachMachine } from "../each-machine";

/** What is read again when a command was cancelled. */
export const CANCELLED_STALE = ["command_list", "command_get", "audit_event_list"] as const;

/** Cancels all that waits on one machine. What has begun meanwhile is asked to stop. */
export async function cancelWaiting(name: string, commands: readonly Command[]): Promise<void> {
  const open = commands.filter((command) => !command.cancel_requested_at);
  const { done, failed, reason } = await eachMachine(
    open.map((command) => ({ id: command.id, name: firstLine(command.command) })),
    (id) => call("command_cancel", { path: { id } }),
  );
  void invalidate(...CANCELLED_STALE);
  const cancelled = `${plural(done.length, "command")} of ${name} cancelled`;
  if (failed.length === 0) toast("done", cancelled);
  else toast("failed", `${cancelled}, ${failed.length} not`, explain(reason).title);
}
