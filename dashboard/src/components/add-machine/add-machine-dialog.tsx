import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Building2, Loader } from "lucide-react";
import { useState } from "react";
import { q } from "@/api/client";
import type { Site } from "@/api/types";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Skeleton } from "@/ui/panel";
import { EmptyState, ErrorView } from "../feedback";
import { InstallLineBlock } from "./install-line-block";
import { JoinedMachine } from "./joined-machine";
import { type CreatedKey, KeyForm } from "./key-form";

interface AddMachineProps {
  siteId: string | undefined;
  onClose: () => void;
}

/** From a site to a running machine: make a key, copy one line, see the machine appear. */
export function AddMachineDialog({ siteId, onClose }: AddMachineProps) {
  const [created, setCreated] = useState<CreatedKey>();
  const sites = useQuery(q("site_list", { query: { limit: 50 } }));
  const wanted = useQuery({ ...q("site_get", { path: { id: siteId ?? "" } }), enabled: Boolean(siteId) });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      isSticky
      isShownOnce={created !== undefined}
      title="Add a machine"
      description={
        created ? `It joins ${created.siteName}.` : "A key lets the machine join a site. You get one line to run on it."
      }
      className="max-w-xl"
    >
      {created ? (
        <InstallStep created={created} onClose={onClose} />
      ) : sites.isPending || (siteId && wanted.isPending) ? (
        <div className="flex flex-col gap-3">
          <Skeleton className="h-8 w-full" />
          <Skeleton className="h-8 w-full" />
          <Skeleton className="h-8 w-2/3" />
        </div>
      ) : sites.error ? (
        <ErrorView error={sites.error} onRetry={() => void sites.refetch()} />
      ) : sites.data?.items.length === 0 ? (
        <EmptyState
          icon={Building2}
          title="There is no site yet"
          action={
            <Button variant="primary" asChild>
              <Link to="/clients" onClick={onClose}>
                Create a client and a site
              </Link>
            </Button>
          }
        >
          A machine belongs to a site of a client. Create them first.
        </EmptyState>
      ) : (
        <KeyForm
          site={optionOf(wanted.data ?? (sites.data?.items.length === 1 ? sites.data.items[0] : undefined))}
          defaultName="New machine"
          submitLabel="Create the install line"
          onCreated={setCreated}
        />
      )}
    </Dialog>
  );
}

const optionOf = (site: Site | undefined) =>
  site ? { value: site.id, label: site.name, hint: site.client_name } : undefined;

function InstallStep({ created, onClose }: { created: CreatedKey; onClose: () => void }) {
  const joined = useQuery({
    ...q("agent_list", { query: { site_id: created.siteId, sort: "enrolled", order: "desc", limit: 10 } }),
    // The live stream tells at once; this is for when it is down.
    refetchInterval: 10_000,
  });
  const since = Date.parse(created.createdAt);
  const agents = (joined.data?.items ?? []).filter((agent) => Date.parse(agent.enrolled_at) >= since);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col gap-2">
        <p className="text-sm">Run this on the machine (Linux, with sudo):</p>
        <InstallLineBlock siteKey={created.key} />
        <p className="text-soft text-xs">The key in it is shown only now. You can revoke it under Site keys.</p>
      </div>
      <div role="status" className="flex flex-col gap-2 rounded-md border border-line px-3 py-2.5">
        {agents.length === 0 ? (
          <p className="flex items-center gap-2 text-sm text-soft">
            <Loader aria-hidden className="size-4 shrink-0 animate-pulse-soft" /> Waiting for the machine. You may close
            this; it will appear in the list.
          </p>
        ) : (
          agents.map((agent) => <JoinedMachine key={agent.id} agent={agent} onClose={onClose} />)
        )}
      </div>
    </div>
  );
}
