import { useNavigate } from "@tanstack/react-router";
import { Ellipsis, Monitor, Pencil, ScrollText, Trash2 } from "lucide-react";
import { useState } from "react";
import { invalidate } from "@/api/client";
import type { Site } from "@/api/types";
import { openAddMachine } from "@/components/actions";
import { useCannot } from "@/components/me";
import { useAction } from "@/components/use-action";
import { useIsNarrow } from "@/lib/hooks";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Menu, MenuItem } from "@/ui/menu";
import { SiteForm } from "./site-form";

interface SiteActionsProps {
  site: Site;
  /** Leaves a page that has nothing to show any more, before anything reads the site again. */
  onDeleted?: () => Promise<void>;
  /** What is done most stands beside the menu, where there is room for it. */
  isOnPage?: boolean;
}

/** What can be done with a site: in the list and on its own page the same. */
export function SiteActions({ site, onDeleted, isOnPage = false }: SiteActionsProps) {
  const isWide = !useIsNarrow() && isOnPage;
  const [dialog, setDialog] = useState<"edit" | "delete">();
  const navigate = useNavigate();
  const place = { clientId: site.client_id, siteId: site.id };
  const cannotEdit = useCannot("sites.edit", place);
  const cannotAudit = useCannot("audit.view", place);
  const cannotAdd = useCannot("site_keys.edit", place);
  const close = () => setDialog(undefined);
  const remove = useAction("site_delete", {
    done: () => `${site.name} deleted`,
    after: async () => {
      await onDeleted?.();
      void invalidate("client_list", "client_get", "site_list", "site_get", "site_key_list", "audit_event_list");
    },
  });
  return (
    <div className="flex items-center gap-2">
      {isWide && (
        <Button disabledReason={cannotAdd} onClick={() => openAddMachine(site.id)}>
          <Monitor /> Add a machine here…
        </Button>
      )}
      <Menu
        label={`Actions for ${site.name}`}
        trigger={
          <IconButton
            label={`Actions for ${site.name}`}
            {...(isOnPage ? { variant: "secondary" } : { size: "sm" as const })}
          >
            <Ellipsis />
          </IconButton>
        }
      >
        {!isWide && (
          <MenuItem disabledReason={cannotAdd} onSelect={() => openAddMachine(site.id)}>
            <Monitor /> Add a machine here…
          </MenuItem>
        )}
        <MenuItem disabledReason={cannotEdit} onSelect={() => setDialog("edit")}>
          <Pencil /> Rename, change…
        </MenuItem>
        <MenuItem
          disabledReason={cannotAudit}
          onSelect={() => void navigate({ to: "/audit", search: { client_id: site.client_id, site_id: site.id } })}
        >
          <ScrollText /> What was done to it
        </MenuItem>
        <MenuItem
          isDanger
          disabledReason={cannotEdit ?? (site.agent_count > 0 && "It has machines: move its machines first.")}
          onSelect={() => setDialog("delete")}
        >
          <Trash2 /> Delete…
        </MenuItem>
      </Menu>
      {dialog === "edit" && <SiteForm site={site} onClose={close} />}
      <ConfirmDialog
        isOpen={dialog === "delete"}
        onClose={close}
        title={`Delete ${site.name}?`}
        confirmLabel="Delete site"
        isPending={remove.isPending}
        onConfirm={() => remove.mutate({ path: { id: site.id } }, { onSettled: close })}
      >
        <p>Its site keys stop working. What was done to it stays in the audit.</p>
      </ConfirmDialog>
    </div>
  );
}
