import { useNavigate } from "@tanstack/react-router";
import { Ellipsis, Pencil, Plus, ScrollText, Trash2 } from "lucide-react";
import { useState } from "react";
import { invalidate } from "@/api/client";
import type { Client } from "@/api/types";
import { useCannot } from "@/components/me";
import { useAction } from "@/components/use-action";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Menu, MenuItem } from "@/ui/menu";
import { ClientForm } from "./client-form";
import { SiteForm } from "./site-form";

interface ClientActionsProps {
  client: Client;
  onSiteCreated?: () => void;
  /** Leaves a page that has nothing to show any more, before anything reads the client again. */
  onDeleted?: () => Promise<void>;
  size?: "sm" | "md";
}

/** What can be done with a client: in the list and on its own page the same. */
export function ClientActions({ client, onSiteCreated, onDeleted, size = "sm" }: ClientActionsProps) {
  const [dialog, setDialog] = useState<"edit" | "delete" | "site">();
  const navigate = useNavigate();
  const place = { clientId: client.id };
  const cannotEdit = useCannot("clients.edit", place);
  const cannotAudit = useCannot("audit.view", place);
  const cannotEditSites = useCannot("sites.edit", place);
  const close = () => setDialog(undefined);
  const remove = useAction("client_delete", {
    done: () => `${client.name} deleted`,
    after: async () => {
      await onDeleted?.();
      void invalidate("client_list", "client_get", "site_list", "audit_event_list");
    },
  });
  return (
    <div className="flex items-center gap-2">
      <Button
        size={size}
        disabledReason={cannotEditSites}
        aria-label={`New site for ${client.name}`}
        onClick={() => setDialog("site")}
      >
        <Plus /> New site
      </Button>
      <Menu
        label={`Actions for ${client.name}`}
        trigger={
          <IconButton label={`Actions for ${client.name}`} {...(size === "sm" ? { size } : { variant: "secondary" })}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem disabledReason={cannotEdit} onSelect={() => setDialog("edit")}>
          <Pencil /> Rename or change kind…
        </MenuItem>
        <MenuItem
          disabledReason={cannotAudit}
          onSelect={() => void navigate({ to: "/audit", search: { client_id: client.id, site_id: undefined } })}
        >
          <ScrollText /> What was done to it
        </MenuItem>
        <MenuItem
          isDanger
          disabledReason={cannotEdit ?? (client.site_count > 0 && "It has sites: delete its sites first.")}
          onSelect={() => setDialog("delete")}
        >
          <Trash2 /> Delete…
        </MenuItem>
      </Menu>
      {dialog === "edit" && <ClientForm client={client} onClose={close} />}
      {dialog === "site" && (
        <SiteForm client={client} onClose={close} {...(onSiteCreated ? { onCreated: onSiteCreated } : {})} />
      )}
      <ConfirmDialog
        isOpen={dialog === "delete"}
        onClose={close}
        title={`Delete ${client.name}?`}
        confirmLabel="Delete client"
        isPending={remove.isPending}
        onConfirm={() => remove.mutate({ path: { id: client.id } }, { onSettled: close })}
      >
        <p>The client disappears from every list. What was done to it stays in the audit.</p>
      </ConfirmDialog>
    </div>
  );
}
