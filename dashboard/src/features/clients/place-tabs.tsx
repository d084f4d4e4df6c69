import type { ReactNode } from "react";
import { AuditTable } from "@/components/audit-table";
import { useCannotIn } from "@/components/me";
import { PageBody } from "@/components/page";
import type { Scope } from "@/components/scope";
import { Tabs } from "@/ui/tabs";
import type { PlaceTab } from "./search";

interface PlaceTabsProps {
  label: "Client" | "Site";
  /** The client, or the site with its client. */
  place: Scope;
  tab: PlaceTab | undefined;
  onTab: (tab: PlaceTab | undefined) => void;
  overview: ReactNode;
}

/** What a client or a site is, and what was done to it by whom. */
export function PlaceTabs({ label, place, tab, onTab, overview }: PlaceTabsProps) {
  const cannotAudit = useCannotIn("audit.view", place);
  const query = place.site_id ? { site_id: place.site_id } : { client_id: place.client_id ?? "" };
  return (
    <Tabs<PlaceTab>
      label={label}
      value={tab === "audit" && !cannotAudit ? tab : "overview"}
      onValue={(next) => onTab(next === "overview" ? undefined : next)}
      tabs={[
        { value: "overview", label: "Overview", content: <PageBody className="pt-4">{overview}</PageBody> },
        ...(cannotAudit
          ? []
          : [
              {
                value: "audit" as const,
                label: "Audit",
                content: (
                  <AuditTable
                    query={query}
                    emptyTitle={`Nothing was done to this ${label.toLowerCase()} yet`}
                    className="border-t-0"
                  />
                ),
              },
            ]),
      ]}
    />
  );
}
