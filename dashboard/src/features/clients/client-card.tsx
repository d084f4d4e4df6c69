import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import type { Client } from "@/api/types";
import { cn } from "@/lib/cn";
import { plural } from "@/lib/format";
import { IconButton } from "@/ui/button";
import { ClientActions } from "./client-actions";
import { KindMark } from "./client-form";
import { onlineWords } from "./machine-count";
import { SiteList } from "./site-list";

interface ClientCardProps {
  client: Client;
  /** Shows this site alone. */
  onlySite?: string | undefined;
  isOpenAtFirst: boolean;
}

/** One client with its sites folded in; its name leads to its page. */
export function ClientCard({ client, onlySite, isOpenAtFirst }: ClientCardProps) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  return (
    <section aria-label={client.name} className="rounded-lg border border-line bg-surface">
      <div className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5">
        <div className="flex min-w-48 flex-1 items-center gap-1.5 max-sm:basis-full">
          <IconButton
            label={`Sites of ${client.name}`}
            size="icon-sm"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
            className="text-soft max-sm:size-9"
          >
            <ChevronRight className={cn("transition-transform", isOpen && "rotate-90")} />
          </IconButton>
          <Link
            to="/clients/$id"
            params={{ id: client.id }}
            className="min-w-0 truncate rounded py-1 font-semibold text-base hover:underline"
          >
            {client.name}
          </Link>
          <KindMark kind={client.kind} />
        </div>
        <span className="min-w-0 text-soft text-sm max-sm:flex-1">
          {plural(client.site_count, "site")} · {onlineWords(client)}
        </span>
        <div className="ml-auto">
          <ClientActions client={client} onSiteCreated={() => setOpen(true)} />
        </div>
      </div>
      {isOpen && (
        <div className="border-line border-t">
          <SiteList client={client} onlySite={onlySite} className="pl-10" />
        </div>
      )}
    </section>
  );
}
