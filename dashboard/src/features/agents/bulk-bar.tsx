import { FolderInput, Play, Trash2, X } from "lucide-react";
import { useState } from "react";
import { call, invalidate } from "@/api/client";
import { explain } from "@/api/problem";
import { dialogStore } from "@/components/actions";
import { useCannot } from "@/components/me";
import { plural } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { toast } from "@/ui/toaster";
import { MoveDialog } from "./move-dialog";

interface BulkBarProps {
  agents: { id: string; name: string }[];
  onClear: () => void;
}

/** Does one thing to each, a few at a time; says how many it could not be done to, and why the first of them. */
async function forEach(
  agents: BulkBarProps["agents"],
  done: string,
  act: (id: string) => Promise<unknown>,
): Promise<void> {
  let failure: unknown;
  let failed = 0;
  for (let at = 0; at < agents.length; at += 8) {
    const results = await Promise.allSettled(agents.slice(at, at + 8).map((agent) => act(agent.id)));
    for (const result of results) {
      if (result.status === "fulfilled") continue;
      failed += 1;
      failure ??= result.reason;
    }
  }
  void invalidate("agent_list", "agent_get", "agent_summary", "client_list", "site_list");
  if (failed === 0) toast("done", `${plural(agents.length, "machine")} ${done}`);
  else toast("failed", `${plural(failed, "machine")} not ${done}`, explain(failure).advice);
}

/** What can be done with the selected machines. */
export function BulkBar({ agents, onClear }: BulkBarProps) {
  const [dialog, setDialog] = useState<"move" | "delete">();
  const [isPending, setPending] = useState(false);
  const cannotRun = useCannot("commands.run");
  const cannotEdit = useCannot("agents.edit");
  const cannotDelete = useCannot("agents.delete");
  const count = plural(agents.length, "machine");
  const close = () => setDialog(undefined);
  return (
    <section
      aria-label="Selected machines"
      className="flex shrink-0 flex-wrap items-center gap-2 border-line border-t bg-accent-soft px-4 py-1.5 max-md:px-3"
    >
      <span className="font-medium text-sm" aria-live="polite">
        {count} selected
      </span>
      <Button
        size="sm"
        disabledReason={cannotRun}
        onClick={() => dialogStore.set({ kind: "run_command", agents, onStarted: onClear })}
      >
        <Play /> Run a command…
      </Button>
      <Button size="sm" disabledReason={cannotEdit} onClick={() => setDialog("move")}>
        <FolderInput /> Move to site…
      </Button>
      <Button size="sm" variant="danger" disabledReason={cannotDelete} onClick={() => setDialog("delete")}>
        <Trash2 /> Delete…
      </Button>
      <IconButton label="Clear the selection" size="icon-sm" onClick={onClear} className="ml-auto">
        <X />
      </IconButton>
      {dialog === "move" && (
        <MoveDialog
          count={agents.length}
          onClose={close}
          onMove={async (site) => {
            await forEach(agents, "moved", (id) =>
              call("agent_update", { path: { id }, body: { site_id: site.value } }),
            );
            close();
            onClear();
          }}
        />
      )}
      <ConfirmDialog
        isOpen={dialog === "delete"}
        onClose={close}
        title={`Delete ${count}?`}
        confirmLabel={`Delete ${count}`}
        isPending={isPending}
        onConfirm={async () => {
          setPending(true);
          await forEach(agents, "deleted", (id) => call("agent_delete", { path: { id } }));
          setPending(false);
          close();
          onClear();
        }}
      >
        <p>Their connections are closed and their history is deleted. To return they need a new site key.</p>
        <p className="max-h-28 overflow-y-auto text-ink">{agents.map((agent) => agent.name).join(", ")}</p>
      </ConfirmDialog>
    </section>
  );
}
