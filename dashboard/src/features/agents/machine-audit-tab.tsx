import { AuditTable } from "@/components/audit-table";

/** What was done to this machine, and by whom. */
export function MachineAuditTab({ agentId }: { agentId: string }) {
  return (
    <AuditTable
      query={{ agent_id: agentId }}
      emptyTitle="Nothing was done to this machine yet"
      className="border-t-0"
    />
  );
}
