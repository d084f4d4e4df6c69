import { InstallLineBlock } from "@/components/add-machine/install-line-block";
import { CopyBlock } from "@/components/copy";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";

interface NewKeyDialogProps {
  siteKey: string;
  onClose: () => void;
}

/** A key that was made just now, shown this once. */
export function NewKeyDialog({ siteKey, onClose }: NewKeyDialogProps) {
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
        <CopyBlock text={siteKey} label="Site key" />
        <InstallLineBlock siteKey={siteKey} />
      </div>
    </Dialog>
  );
}
