import { Lock, Trash2, Users } from "lucide-react";
import type { Operation } from "@/api/operations";
import type { SavedView } from "@/api/types";
import { useCannot } from "@/components/me";
import { useAction } from "@/components/use-action";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";

const STALE: Operation[] = ["saved_view_list", "audit_event_list"];

const about = (view: SavedView) =>
  !view.is_own ? `shared by ${view.owner_name}` : view.is_shared ? "yours, shared with everybody" : "yours alone";

/** Share views, take them back, remove them. */
export function ManageViewsDialog({ views, onClose }: { views: SavedView[]; onClose: () => void }) {
  const cannotOthers = useCannot("organisation.edit");
  const update = useAction("saved_view_update", {
    stale: STALE,
    done: (view) => (view.is_shared ? `${view.name} is shared` : `${view.name} is yours alone`),
  });
  const remove = useAction("saved_view_delete", { stale: STALE, done: () => "The view was removed" });
  return (
    <Dialog isOpen onClose={onClose} title="Manage views">
      <ul className="flex flex-col divide-y divide-line">
        {views.map((view) => (
          <li key={view.id} className="flex flex-wrap items-center gap-2 py-2 first:pt-0 last:pb-0">
            <span className="min-w-40 flex-1">
              <span className="block break-words text-sm">{view.name}</span>
              <span className="block text-soft text-xs">{about(view)}</span>
            </span>
            <span className="ml-auto flex gap-2">
              {view.is_own && (
                <Button
                  size="sm"
                  isPending={update.isPending && update.variables?.path.id === view.id}
                  aria-label={view.is_shared ? `Make private: ${view.name}` : `Share ${view.name}`}
                  onClick={() => update.mutate({ path: { id: view.id }, body: { is_shared: !view.is_shared } })}
                >
                  {view.is_shared ? <Lock /> : <Users />} {view.is_shared ? "Make private" : "Share"}
                </Button>
              )}
              <Button
                variant="danger"
                size="sm"
                disabledReason={view.is_own ? undefined : cannotOthers}
                isPending={remove.isPending && remove.variables?.path.id === view.id}
                aria-label={`Remove ${view.name}`}
                onClick={() => remove.mutate({ path: { id: view.id } })}
              >
                <Trash2 /> Remove
              </Button>
            </span>
          </li>
        ))}
        {views.length === 0 && <li className="text-sm text-soft">No view is left.</li>}
      </ul>
    </Dialog>
  );
}
