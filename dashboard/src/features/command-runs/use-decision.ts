import { useState } from "react";
import { call, invalidate, q, queryClient } from "@/api/client";
import { isCode } from "@/api/problem";
import type { CommandRunDetail } from "@/api/types";
import { refusal } from "@/components/command-run/refusal";
import { toast } from "@/ui/toaster";
import { RUN_STALE } from "./stale";

export type Verdict = "approve" | "reject";

/**
 * Decides about a run as it was read when it came on the screen: what has changed since is not approved. The server then
 * refuses, the reader is told and sees it as it is now, and the next decision is about that.
 */
export function useDecision({ id, digest }: Pick<CommandRunDetail, "id" | "digest">) {
  const [read, setRead] = useState(digest ?? "");
  const [error, setError] = useState<string>();
  const [pending, setPending] = useState<Verdict>();

  async function decide(verdict: Verdict, text: string): Promise<void> {
    setPending(verdict);
    setError(undefined);
    const reason = text.trim() || null;
    try {
      if (verdict === "approve") await call("command_run_approve", { path: { id }, body: { digest: read, reason } });
      else await call("command_run_reject", { path: { id }, body: { reason } });
      toast("done", verdict === "approve" ? "Approved: it begins now" : "Rejected: nothing of it runs");
      void invalidate(...RUN_STALE);
    } catch (why) {
      // With the decision somebody else made the card goes, and what it says too.
      if (isCode(why, "not_awaiting_approval")) toast("failed", "This was decided already", refusal(why));
      else setError(refusal(why));
      await invalidate(...RUN_STALE);
      setRead(queryClient.getQueryData(q("command_run_get", { path: { id } }).queryKey)?.digest ?? "");
    }
    setPending(undefined);
  }

  return { decide, error, pending };
}
