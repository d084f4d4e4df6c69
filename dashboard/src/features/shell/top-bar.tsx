import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { ChevronRight, Menu as MenuIcon, Plus, Search, X } from "lucide-react";
import { q } from "@/api/client";
import { liveState } from "@/api/live";
import { openAddMachine, paletteStore } from "@/components/actions";
import { useCannotIn } from "@/components/me";
import { type Scope, useFullScope } from "@/components/scope";
import { cn } from "@/lib/cn";
import { useStore } from "@/lib/store";
import { Button, IconButton } from "@/ui/button";
import { Kbd } from "@/ui/panel";
import { Tooltip } from "@/ui/tooltip";

export function TopBar({ onMenu }: { onMenu: () => void }) {
  const scope = useSearch({ strict: false }) as Scope;
  const cannot = useCannotIn("site_keys.edit", useFullScope());
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-line border-b bg-surface px-4 max-md:px-2">
      <IconButton label="Open the navigation" onClick={onMenu} className="md:hidden">
        <MenuIcon />
      </IconButton>
      <ScopeTrail scope={scope} />
      <div className="flex-1" />
      <LiveMark />
      <button
        type="button"
        onClick={() => paletteStore.set(true)}
        className="flex h-8 w-64 items-center gap-2 rounded-md border border-line bg-bg px-2.5 text-soft text-sm hover:bg-hover max-lg:w-44 max-md:hidden"
      >
        <Search aria-hidden className="size-3.5" />
        <span className="flex-1 text-left">Search or go to…</span>
        <Kbd>Ctrl K</Kbd>
      </button>
      <IconButton label="Search" onClick={() => paletteStore.set(true)} className="md:hidden">
        <Search />
      </IconButton>
      <Button
        variant="primary"
        onClick={() => openAddMachine(scope.site_id)}
        disabledReason={cannot}
        aria-label="Add a machine"
        className="max-sm:size-10 max-sm:px-0"
      >
        <Plus />
        <span className="max-sm:hidden">Add a machine</span>
      </Button>
    </header>
  );
}

/** The chosen client and site in words, with the way back to all. */
function ScopeTrail({ scope }: { scope: Scope }) {
  const client = useQuery({
    ...q("client_get", { path: { id: scope.client_id ?? "" } }),
    enabled: Boolean(scope.client_id),
  });
  const site = useQuery({ ...q("site_get", { path: { id: scope.site_id ?? "" } }), enabled: Boolean(scope.site_id) });
  if (!scope.client_id && !scope.site_id) return <span className="truncate text-soft text-sm">All clients</span>;
  // Of a site that is not there nobody knows the client either.
  const isUnknown = client.isError || (!scope.client_id && site.isError);
  const clientName = client.data?.name ?? site.data?.client_name ?? (isUnknown ? "Unknown client" : "…");
  return (
    <div className="flex min-w-0 items-center gap-1 rounded-md bg-accent-soft py-0.5 pr-0.5 pl-2 text-sm">
      <span className={cn("truncate", !scope.site_id && "font-medium", scope.site_id && "max-sm:hidden")}>
        {clientName}
      </span>
      {scope.site_id && (
        <>
          <ChevronRight aria-hidden className="size-3.5 shrink-0 text-soft max-sm:hidden" />
          <span className="truncate font-medium">{site.data?.name ?? (site.isError ? "Unknown site" : "…")}</span>
        </>
      )}
      <IconButton label="Show all clients" size="icon-sm" asChild>
        <Link to="." search={(before: object) => ({ ...before, client_id: undefined, site_id: undefined })}>
          <X />
        </Link>
      </IconButton>
    </div>
  );
}

/** Whether what is shown follows the machines, in a word. */
function LiveMark() {
  const state = useStore(liveState);
  const word = state === "open" ? "Live" : state === "broken" ? "Reconnecting" : "Connecting";
  const text =
    state === "open" ? "What you see follows the machines." : "What you see may be old until the connection is back.";
  return (
    <Tooltip text={text}>
      <span role="status" className="flex items-center gap-1.5 text-soft text-xs">
        <span
          aria-hidden
          className={cn(
            "size-2 rounded-full",
            state === "open" ? "bg-ok" : "border-2 border-warn",
            state === "connecting" && "animate-pulse-soft",
          )}
        />
        <span className={cn(state === "open" && "max-sm:sr-only")}>{word}</span>
      </span>
    </Tooltip>
  );
}
