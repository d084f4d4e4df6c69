import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { q } from "@/api/client";
import type { Agent } from "@/api/types";
import { FindingNote } from "@/components/enrolment/finding-note";
import { StateBanner } from "./state-banner";

/** What has to be known of a machine before anything else: that it may not work, and what is odd about it. */
export function MachineNotices({ agent }: { agent: Agent }) {
  const navigate = useNavigate();
  const found = useQuery(q("finding_list", { query: { agent_id: agent.id } }));
  return (
    <div className="flex max-h-[50%] shrink-0 flex-col gap-2 overflow-y-auto px-4 pb-2.5 empty:hidden max-md:px-3">
      <StateBanner agent={agent} />
      {found.data?.items.map((finding) => (
        <FindingNote
          key={finding.id}
          finding={finding}
          onAdopted={({ id }) => navigate({ to: "/machines/$id", params: { id } })}
        />
      ))}
    </div>
  );
}
