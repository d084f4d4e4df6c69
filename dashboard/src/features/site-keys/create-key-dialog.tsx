import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { q } from "@/api/client";
import { InstallLineBlock } from "@/components/add-machine/install-line-block";
import { type CreatedKey, KeyForm } from "@/components/add-machine/key-form";
import { CopyBlock } from "@/components/copy";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Skeleton } from "@/ui/panel";

/** Makes a key and shows it this once. */
export function CreateKeyDialog({ siteId, onClose }: { siteId: string | undefined; onClose: () => void }) {
  const [created, setCreated] = useState<CreatedKey>();
  const site = useQuery({ ...q("site_get", { path: { id: siteId ?? "" } }), enabled: Boolean(siteId) });
  if (created) {
    return (
      <Dialog
        isOpen
        isShownOnce
        onClose={onClose}
        title="The new site key"
        description="It is shown only now: the server keeps no copy that it could show again."
        className="max-w-xl"
        footer={<Button onClick={onClose}>I have copied it</Button>}
      >
        <div className="flex flex-col gap-4">
          <CopyBlock text={created.key} label="Site key" />
          <InstallLineBlock siteKey={created.key} />
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog isOpen isSticky onClose={onClose} title="New site key" className="max-w-xl">
      {siteId && site.isPending ? (
        <Skeleton className="h-40 w-full" />
      ) : (
        <KeyForm
          site={site.data ? { value: site.data.id, label: site.data.name, hint: site.data.client_name } : undefined}
          defaultName=""
          submitLabel="Create key"
          onCreated={setCreated}
        />
      )}
    </Dialog>
  );
}
