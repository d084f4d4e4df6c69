import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MapPinOff } from "lucide-react";
import type { ReactNode } from "react";
import { q } from "@/api/client";
import { isMissing } from "@/api/problem";
import { Button } from "@/ui/button";
import { EmptyState } from "./feedback";
import { useScope } from "./scope";

/**
 * Shows a page only in a scope that exists. An old bookmark or somebody else's link may name a site that was deleted:
 * every list of it is empty, and "No machines yet" would be a lie.
 */
export function ScopeGate({ children }: { children: ReactNode }) {
  const { client_id, site_id } = useScope();
  const client = useQuery({ ...q("client_get", { path: { id: client_id ?? "" } }), enabled: Boolean(client_id) });
  const site = useQuery({ ...q("site_get", { path: { id: site_id ?? "" } }), enabled: Boolean(site_id) });
  if (!isMissing(client_id ? client.error : site.error)) return children;
  const noun = client_id ? "client" : "site";
  return (
    <div className="flex min-h-full flex-1 flex-col justify-center">
      <h1 className="sr-only">No such {noun}</h1>
      <EmptyState
        icon={MapPinOff}
        title={`This ${noun} is not here any more`}
        action={
          <Button asChild>
            <Link to="." search={(before: object) => ({ ...before, client_id: undefined, site_id: undefined })}>
              Show all clients
            </Link>
          </Button>
        }
      >
        The address names a {noun} that was deleted, or that you may not see.
      </EmptyState>
    </div>
  );
}
