import { useQuery } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { q } from "@/api/client";
import type { CustomField } from "@/api/types";
import { ErrorView } from "@/components/feedback";
import { useCannot } from "@/components/me";
import { useAction } from "@/components/use-action";
import { plural } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Panel, Skeleton } from "@/ui/panel";
import { CustomFieldDialog, KIND_WORD } from "./custom-field-dialog";

type Open = { kind: "create" } | { kind: "edit" | "delete"; field: CustomField };

/** The fields that the organisation adds to its machines. */
export function CustomFieldsPanel() {
  const query = useQuery(q("custom_field_list", {}));
  const cannotSee = useCannot("agents.view");
  const cannot = useCannot("organisation.edit");
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  if (cannotSee) return null;
  return (
    <Panel
      title="Custom fields of machines"
      actions={
        <Button size="sm" disabledReason={cannot} onClick={() => setOpen({ kind: "create" })}>
          <Plus /> Add a field
        </Button>
      }
    >
      {query.data ? (
        <FieldRows fields={query.data.items} cannot={cannot} onOpen={setOpen} />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton className="h-20 w-full" />
      )}
      {open?.kind === "create" && <CustomFieldDialog onClose={close} />}
      {open?.kind === "edit" && <CustomFieldDialog field={open.field} onClose={close} />}
      <DeleteDialog field={open?.kind === "delete" ? open.field : undefined} onClose={close} />
    </Panel>
  );
}

interface FieldRowsProps {
  fields: CustomField[];
  cannot: string | undefined;
  onOpen: (open: Open) => void;
}

const about = (field: CustomField) =>
  [
    KIND_WORD[field.kind],
    ...(field.choices.length > 0 ? [field.choices.join(", ")] : []),
    field.agent_count > 0 ? `filled in on ${plural(field.agent_count, "machine")}` : "filled in nowhere yet",
  ].join(" · ");

function FieldRows({ fields, cannot, onOpen }: FieldRowsProps) {
  if (fields.length === 0) {
    return (
      <p className="text-sm text-soft">
        Add what the agents cannot know, such as a rack, an owner or the end of a warranty. Each field is filled in on
        the page of a machine and can be a column of the list.
      </p>
    );
  }
  return (
    <ul className="flex flex-col divide-y divide-line">
      {fields.map((field) => (
        <li key={field.id} className="flex items-center gap-1 py-2 first:pt-0 last:pb-0">
          <span className="min-w-0 flex-1">
            <span className="block break-words text-sm">{field.name}</span>
            <span className="line-clamp-2 break-words text-soft text-xs">{about(field)}</span>
          </span>
          <IconButton
            label={`Change ${field.name}`}
            disabledReason={cannot}
            onClick={() => onOpen({ kind: "edit", field })}
          >
            <Pencil />
          </IconButton>
          <IconButton
            label={`Delete ${field.name}`}
            disabledReason={cannot}
            onClick={() => onOpen({ kind: "delete", field })}
            className="text-bad"
          >
            <Trash2 />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

function DeleteDialog({ field, onClose }: { field: CustomField | undefined; onClose: () => void }) {
  const remove = useAction("custom_field_delete", {
    stale: ["custom_field_list", "agent_list", "agent_get", "audit_event_list"],
    done: () => "The field was deleted",
    after: async () => onClose(),
  });
  return (
    <ConfirmDialog
      isOpen={field !== undefined}
      onClose={onClose}
      title={`Delete the field ${field?.name ?? ""}?`}
      confirmLabel="Delete field"
      isPending={remove.isPending}
      onConfirm={() => field && remove.mutate({ path: { id: field.id } })}
    >
      <p>
        {field && field.agent_count > 0
          ? `What it says of ${plural(field.agent_count, "machine")} is deleted with it and does not come back.`
          : "No machine has a value in it."}
      </p>
    </ConfirmDialog>
  );
}
