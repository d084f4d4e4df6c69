import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { q } from "@/api/client";
import { KeyForm } from "@/components/add-machine/key-form";
import { Dialog } from "@/ui/dialog";
import { Skeleton } from "@/ui/panel";
import { NewKeyDialog } from "./new-key-dialog";

/** Makes a key and shows it this once. */
export function CreateKeyDialog({ siteId, onClose }: { siteId: string | undefined; onClose: () => void }) {
  const [created, setCreated] = useState<string>();
  const site = useQuery({ ...q("site_get", { path: { id: siteId ?? "" } }), enabled: Boolean(siteId) });
  if (created) return <NewKeyDialog siteKey={created} onClose={onClose} />;
  return (
    <Dialog isOpen isSticky onClose={onClose} title="New site key" className="max-w-xl">
      {siteId && site.isPending ? (
        <Skeleton className="h-40 w-full" />
      ) : (
        <KeyForm
          site={site.data ? { value: site.data.id, label: site.data.name, hint: site.data.client_name } : undefined}
          defaultName=""
          submitLabel="Create key"
          onCreated={({ key }) => setCreated(key)}
        />
      )}
    </Dialog>
  );
}
