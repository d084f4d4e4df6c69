import { useQuery } from "@tanstack/react-query";
import { FolderInput, Play, Tag, TextCursorInput, Trash2, X } from "lucide-react";
import { useState } from "react";
import { q } from "@/api/client";
import type { AgentBulkAction } from "@/api/types";
import { dialogStore } from "@/components/actions";
import type { Machine } from "@/components/each-machine";
import { fieldWords } from "@/components/field-value";
import { useCannotAll } from "@/components/me";
import { plural } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Menu, MenuItem } from "@/ui/menu";
import { doToAll } from "./bulk-action";
import { BulkFieldDialog } from "./bulk-field-dialog";
import { BulkTagsDialog } from "./bulk-tags-dialog";
import { MoveDialog } from "./move-dialog";

/** Why no field can be set, while none is known. */
function whyNoField(query: { isPending: boolean; isError: boolean }): string {
  if (query.isPending) return "The fields are being loaded.";
  return query.isError ? "The fields could not be loaded." : "There is no custom field yet: add one in the settings.";
}

interface BulkBarProps {
  agents: Machine[];
  /** Leaves these selected. */
  onSelect: (agents: Machine[]) => void;
}

/** What can be done with the selected machines. */
export function BulkBar({ agents, onSelect }: BulkBarProps) {
  const [dialog, setDialog] = useState<"move" | "delete" | "add_tags" | "remove_tags" | "field">();
  const [isPending, setPending] = useState(false);
  const cannotRun = useCannotAll("commands.run", agents);
  const cannotEdit = useCannotAll("agents.edit", agents);
  const cannotDelete = useCannotAll("agents.delete", agents);
  const query = useQuery(q("custom_field_list", {}));
  const fields = query.data?.items ?? [];
  const count = plural(agents.length, "machine");
  const close = () => setDialog(undefined);
  const act = async (done: string, action: AgentBulkAction) => {
    const left = await doToAll(agents, done, action);
    close();
    onSelect(left);
  };
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
      <Menu
        label="Tags"
        align="start"
        trigger={
          <Button size="sm" disabledReason={cannotEdit}>
            <Tag /> Tags
          </Button>
        }
      >
        <MenuItem onSelect={() => setDialog("add_tags")}>Add tags…</MenuItem>
        <MenuItem onSelect={() => setDialog("remove_tags")}>Remove tags…</MenuItem>
      </Menu>
      <Button
        size="sm"
        disabledReason={cannotEdit ?? (fields.length === 0 && whyNoField(query))}
        onClick={() => setDialog("field")}
      >
        <TextCursorInput /> Set field…
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
          onMove={(site) => act("moved", { kind: "move", site_id: site.value })}
        />
      )}
      {(dialog === "add_tags" || dialog === "remove_tags") && (
        <BulkTagsDialog
          kind={dialog}
          count={agents.length}
          onClose={close}
          onDo={(action) => act(action.kind === "add_tags" ? "tagged" : "freed of these tags", action)}
        />
      )}
      {dialog === "field" && (
        <BulkFieldDialog
          fields={fields}
          count={agents.length}
          onClose={close}
          onDo={({ kind, name }, value, action) =>
            act(value === null ? `freed of ${name}` : `set to ${fieldWords(kind, value)}`, action)
          }
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
          await act("deleted", { kind: "delete" });
          setPending(false);
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
