import { useState } from "react";
import type { Operation } from "@/api/operations";
import type { SiteKey } from "@/api/types";
import { useAction } from "@/components/use-action";
import { ConfirmDialog } from "@/ui/dialog";
import { ChangeKeyDialog } from "./change-key-dialog";
import type { KeyAct } from "./key-actions";
import { NewKeyDialog } from "./new-key-dialog";

const STALE: Operation[] = ["site_key_list", "audit_event_list"];

interface KeyDialogProps {
  act: KeyAct;
  siteKey: SiteKey;
  onClose: () => void;
}

/** What one of the actions asks before it is done. */
export function KeyDialog({ act, siteKey, onClose }: KeyDialogProps) {
  switch (act) {
    case "change":
      return <ChangeKeyDialog siteKey={siteKey} onClose={onClose} />;
    case "regenerate":
      return <RegenerateDialog siteKey={siteKey} onClose={onClose} />;
    case "revoke":
      return <RevokeDialog siteKey={siteKey} onClose={onClose} />;
  }
}

function RegenerateDialog({ siteKey, onClose }: Omit<KeyDialogProps, "act">) {
  const [made, setMade] = useState<string>();
  const regenerate = useAction("site_key_regenerate", { stale: STALE });
  if (made) return <NewKeyDialog siteKey={made} onClose={onClose} />;
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Make ${siteKey.name} anew?`}
      confirmLabel="Make anew"
      isPending={regenerate.isPending}
      onConfirm={() =>
        regenerate.mutate(
          { path: { id: siteKey.id } },
          { onSuccess: ({ key }) => setMade(key), onError: () => onClose() },
        )
      }
    >
      <p>
        The key that begins with <code className="break-all font-mono text-xs">{siteKey.prefix}</code> lets nobody in
        any more, and an install line that names it works no more. You get another in its place, with the same name and
        the same bounds.
      </p>
      <p>Machines that have joined stay. This cannot be undone.</p>
      {siteKey.state !== "active" && (
        <p>
          It {siteKey.state === "expired" ? "has expired" : "is used up"}: the new one lets nobody in either, until you
          change that.
        </p>
      )}
    </ConfirmDialog>
  );
}

function RevokeDialog({ siteKey, onClose }: Omit<KeyDialogProps, "act">) {
  const revoke = useAction("site_key_revoke", { stale: STALE, done: (key) => `${key.name} revoked` });
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Revoke ${siteKey.name}?`}
      confirmLabel="Revoke key"
      isPending={revoke.isPending}
      onConfirm={() => revoke.mutate({ path: { id: siteKey.id } }, { onSettled: onClose })}
    >
      <p>No machine can join with it any more. Machines that have joined stay. This cannot be undone.</p>
    </ConfirmDialog>
  );
}
