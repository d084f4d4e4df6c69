import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { AuditEvent } from "@/api/types";
import { AuditTable } from "@/components/audit-table";
import { actionWords } from "@/components/audit-words";
import { FilterBar } from "@/components/page";
import { useScope } from "@/components/scope";
import { Select } from "@/ui/input";

/** What is written down of how machines come in and are kept away. */
const ACTIONS: AuditEvent["action"][] = [
  "agent.enrolled",
  "agent.refused",
  "agent.approved",
  "agent.rejected",
  "agent.adopted",
  "agent.quarantined",
  "agent.released",
  "agent.cloned",
  "agent.key_requested",
  "agent.key_rotated",
  "agent.key_revoked",
  "agent.unenrolled",
  "agent.expired",
  "agent.deleted",
  "finding.dismissed",
  "site_key.created",
  "site_key.updated",
  "site_key.regenerated",
  "site_key.renewed",
  "site_key.revoked",
];

const ALL = ACTIONS.join(",");

/** Who let which machine in, and what else was decided. */
export function HistoryTab() {
  const scope = useScope();
  const { action } = useSearch({ from: "/app/enrolment" });
  const navigate = useNavigate({ from: "/enrolment" });
  const query = useMemo(() => ({ ...scope, action: action ?? ALL }), [scope, action]);
  return (
    <>
      <div className="pt-2.5">
        <FilterBar>
          <Select
            aria-label="Action"
            value={action ?? ""}
            onChange={(event) =>
              void navigate({
                search: (before) => ({ ...before, action: event.target.value || undefined }),
                replace: true,
              })
            }
            className="max-sm:flex-1"
          >
            <option value="">Everything about enrolment</option>
            {ACTIONS.map((name) => (
              <option key={name} value={name}>
                {actionWords(name)}
              </option>
            ))}
          </Select>
        </FilterBar>
      </div>
      <AuditTable
        query={query}
        emptyTitle="Nothing of this has happened yet"
        emptyText="Every machine that comes, waits, is let in or kept away is written down here."
      />
    </>
  );
}
