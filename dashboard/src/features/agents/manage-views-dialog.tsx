import { Lock, Pencil, Trash2, Users } from "lucide-react";
import { useState } from "react";
import type { Operation } from "@/api/operations";
import type { SavedView } from "@/api/types";
import { useCannot } from "@/components/me";
import { useAction } from "@/components/use-action";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { RenameViewForm } from "./rename-view-form";

const STALE: Operation[] = ["saved_view_list", "audit_event_list"];

const about = (view: SavedView) =>
  !view.is_own ? `shared by ${view.owner_name}` : view.is_shared ? "yours, shared with everybody" : "yours alone";

const buttonOf = (id: string) => `rename-${id}`;

/** Rename views, share them, take them back, remove them. */
export function ManageViewsDialog({ views, onClose }: { views: SavedView[]; onClose: () => void }) {
  const [renaming, setRenaming] = useState<string>();
  const endRenaming = () => {
    // The keyboard goes on where it was, in the row that comes back.
    const id = renaming;
    setRenaming(undefined);
    requestAnimationFrame(() => id && document.getElementById(buttonOf(id))?.focus());
  };
  return (
    <Dialog isOpen onClose={onClose} onEscape={renaming ? endRenaming : undefined} title="Manage views">
      <ul className="flex flex-col divide-y divide-line">
        {views.map((view) => (
          <li key={view.id} className="flex flex-wrap items-center gap-2 py-2 first:pt-0 last:pb-0">
            {view.id === renaming ? (
              <RenameViewForm view={view} onClose={endRenaming} />
            ) : (
              <ViewRow view={view} onRename={() => setRenaming(view.id)} />
            )}
          </li>
        ))}
        {views.length === 0 && <li className="text-sm text-soft">No view is left.</li>}
      </ul>
    </Dialog>
  );
}

function ViewRow({ view, onRename }: { view: SavedView; onRename: () => void }) {
  const cannotOthers = useCannot("organisation.edit");
  const cannot = view.is_own ? undefined : cannotOthers;
  const update = useAction("saved_view_update", {
    stale: STALE,
    done: ({ name, is_shared }) => (is_shared ? `${name} is shared` : `${name} is yours alone`),
  });
  const remove = useAction("saved_view_delete", { stale: STALE, done: () => "The view was removed" });
  return (
    <>
      <span className="min-w-40 flex-1">
        <span className="block break-words text-sm">{view.name}</span>
        <span className="block text-soft text-xs">{about(view)}</span>
      </span>
      <span className="ml-auto flex flex-wrap justify-end gap-2">
        <Button
          id={buttonOf(view.id)}
          size="sm"
          disabledReason={cannot}
          aria-label={`Rename ${view.name}`}
          onClick={onRename}
        >
          <Pencil /> Rename
        </Button>
        {view.is_own && (
          <Button
            size="sm"
            isPending={update.isPending}
            aria-label={view.is_shared ? `Make private: ${view.name}` : `Share ${view.name}`}
            onClick={() => update.mutate({ path: { id: view.id }, body: { is_shared: !view.is_shared } })}
          >
            {view.is_shared ? <Lock /> : <Users />} {view.is_shared ? "Make private" : "Share"}
          </Button>
        )}
        <Button
          variant="danger"
          size="sm"
          disabledReason={cannot}
          isPending={remove.isPending}
          aria-label={`Remove ${view.name}`}
          onClick={() => remove.mutate({ path: { id: view.id } })}
        >
          <Trash2 /> Remove
        </Button>
      </span>
    </>
  );
}
