import { type FormEvent, useState } from "react";
import type { AgentBulkAction } from "@/api/types";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { TagInput, withTyped } from "../tag-input";

type Kind = "add_tags" | "remove_tags";

interface BulkTagsDialogProps {
  kind: Kind;
  count: number;
  onClose: () => void;
  onDo: (action: Extract<AgentBulkAction, { kind: Kind }>) => Promise<void>;
}

/** Which tags the selected machines get or lose. */
export function BulkTagsDialog({ kind, count, onClose, onDo }: BulkTagsDialogProps) {
  const [tags, setTags] = useState<string[]>([]);
  const [text, setText] = useState("");
  const [isPending, setPending] = useState(false);
  const all = withTyped(tags, text);
  const isAdd = kind === "add_tags";
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (all.length === 0 || isPending) return;
    setPending(true);
    await onDo({ kind, tags: all });
    setPending(false);
  };
  return (
    <Dialog
      isOpen
      isSticky
      onClose={onClose}
      title={isAdd ? `Tag ${plural(count, "machine")}` : `Take tags from ${plural(count, "machine")}`}
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <Field
          label="Tags"
          hint={isAdd ? "A machine keeps the tags that it has." : "A machine without the tag stays as it is."}
        >
          {(control) => <TagInput control={control} tags={tags} onTags={setTags} text={text} onText={setText} />}
        </Field>
        <div className="flex justify-end">
          <Button
            type="submit"
            variant="primary"
            isPending={isPending}
            disabledReason={all.length === 0 && "Type a tag first."}
          >
            {isAdd ? "Add tags" : "Remove tags"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
