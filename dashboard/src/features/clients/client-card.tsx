import { useNavigate } from "@tanstack/react-router";
import { ChevronRight, Ellipsis, Pencil, Plus, ScrollText, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Operation } from "@/api/operations";
import type { Client } from "@/api/types";
import { useCannot } from "@/components/me";
import { useAction } from "@/components/use-action";
import { cn } from "@/lib/cn";
import { plural } from "@/lib/format";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Menu, MenuItem } from "@/ui/menu";
import { ClientForm, KIND_WORD } from "./client-form";
import { SiteForm } from "./site-form";
import { SiteList } from "./site-list";

const STALE: Operation[] = ["client_list", "client_get", "site_list", "audit_event_list"];

interface ClientCardProps {
  client: Client;
  /** Shows this site alone. */
  onlySite?: string | undefined;
  isOpenAtFirst: boolean;
}

/** One client with its sites folded in. */
export function ClientCard({ client, onlySite, isOpenAtFirst }: ClientCardProps) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const [dialog, setDialog] = useState<"edit" | "delete" | "site">();
  const cannotEdit = useCannot("clients.edit", { clientId: client.id });
  const cannotAudit = useCannot("audit.view", { clientId: client.id });
  const navigate = useNavigate();
  const cannotEditSites = useCannot("sites.edit", { clientId: client.id });
  const close = () => setDialog(undefined);
  const remove = useAction("client_delete", { stale: STALE, done: () => `${client.name} deleted` });
  return (
    <section aria-label={client.name} className="rounded-lg border border-line bg-surface">
      <div className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="flex min-h-8 min-w-40 flex-1 items-center gap-2 rounded text-left"
        >
          <ChevronRight
            aria-hidden
            className={cn("size-4 shrink-0 text-soft transition-transform", isOpen && "rotate-90")}
          />
          <span className="min-w-0 truncate font-semibold text-base">{client.name}</span>
          <span className="shrink-0 rounded bg-subtle px-1.5 text-soft text-xs">{KIND_WORD[client.kind]}</span>
        </button>
        <span className="text-soft text-sm">
          {plural(client.site_count, "site")} ·{" "}
          {client.agent_count === 0
            ? "no machines"
            : `${client.online_count} of ${plural(client.agent_count, "machine")} online`}
        </span>
        <div className="ml-auto flex items-center gap-1">
          <Button
            size="sm"
            disabledReason={cannotEditSites}
            aria-label={`New site for ${client.name}`}
            onClick={() => setDialog("site")}
          >
            <Plus /> New site
          </Button>
          <Menu
            label={`Actions for ${client.name}`}
            trigger={
              <IconButton label={`Actions for ${client.name}`} size="sm">
                <Ellipsis />
              </IconButton>
            }
          >
            <MenuItem disabledReason={cannotEdit} onSelect={() => setDialog("edit")}>
              <Pencil /> Rename or change kind…
            </MenuItem>
            <MenuItem
              disabledReason={cannotAudit}
              onSelect={() => void navigate({ to: "/audit", search: { client_id: client.id } })}
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
        </div>
      </div>
      {isOpen && <SiteList client={client} onlySite={onlySite} onCreate={() => setDialog("site")} />}
      {dialog === "edit" && <ClientForm client={client} onClose={close} />}
      {dialog === "site" && <SiteForm client={client} onClose={close} onCreated={() => setOpen(true)} />}
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
    </section>
  );
}
