import { FolderInput, Play, Trash2, X } from "lucide-react";
import { useState } from "react";
import { call, invalidate } from "@/api/client";
import { explain } from "@/api/problem";
import { dialogStore } from "@/components/actions";
import { eachMachine, type Machine, namesOf } from "@/components/each-machine";
import { useCannotAll } from "@/components/me";
import { plural } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { toast } from "@/ui/toaster";
import { MoveDialog } from "./move-dialog";

interface BulkBarProps {
  agents: Machine[];
  /** Leaves these selected. */
  onSelect: (agents: Machine[]) => void;
}

/** Does one thing to each and says where it failed; answers the machines that are left. */
async function doToEach(agents: Machine[], done: string, act: (id: string) => Promise<unknown>): Promise<Machine[]> {
  const { failed, reason } = await eachMachine(agents, act);
  void invalidate("agent_list", "agent_get", "agent_summary", "client_list", "site_list", "audit_event_list");
  if (failed.length === 0) toast("done", `${plural(agents.length, "machine")} ${done}`);
  else
    toast("failed", `${plural(failed.length, "machine")} not ${done}`, `${namesOf(failed)}. ${explain(reason).advice}`);
  return failed;
}

/** What can be done with the selected machines. */
export function BulkBar({ agents, onSelect }: BulkBarProps) {
  const [dialog, setDialog] = useState<"move" | "delete">();
  const [isPending, setPending] = useState(false);
  const cannotRun = useCannotAll("commands.run", agents);
  const cannotEdit = useCannotAll("agents.edit", agents);
  const cannotDelete = useCannotAll("agents.delete", agents);
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
        onClick={() => dialogStore.set({ kind: "run_command", agents, onStarted: onSelect })}
      >
        <Play /> Run a command…
      </Button>
      <Button size="sm" disabledReason={cannotEdit} onClick={() => setDialog("move")}>
        <FolderInput /> Move to site…
      </Button>
      <Button size="sm" variant="danger" disabledReason={cannotDelete} onClick={() => setDialog("delete")}>
        <Trash2 /> Delete…
      </Button>
      <IconButton label="Clear the selection" size="icon-sm" onClick={() => onSelect([])} className="ml-auto">
        <X />
      </IconButton>
      {dialog === "move" && (
        <MoveDialog
          count={agents.length}
          from={agents.flatMap(({ place }) => place ?? [])}
          onClose={close}
          onMove={async (site) => {
            const move = (id: string) => call("agent_update", { path: { id }, body: { site_id: site.value } });
            const left = await doToEach(agents, "moved", move);
            close();
            onSelect(left);
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
          const left = await doToEach(agents, "deleted", (id) => call("agent_delete", { path: { id } }));
          setPending(false);
          close();
          onSelect(left);
        }}
      >
        <p>
          Their connections are closed and their commands are deleted. Their measurements can no longer be read and
          leave the database when their retention ends. To return they need a new site key.
        </p>
        <p className="max-h-28 overflow-y-auto text-ink">{agents.map((agent) => agent.name).join(", ")}</p>
      </ConfirmDialog>
    </section>
  );
}
