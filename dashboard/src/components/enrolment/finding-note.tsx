import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import type { Agent, Finding } from "@/api/types";
import { Button } from "@/ui/button";
import { Time } from "../time";
import { CloneSides } from "./clone-sides";
import { FINDING_TITLE, findingWords } from "./finding-words";
import { useFindingActs } from "./use-finding-acts";

/** The other machine of a finding, by name; it leads to its page. */
export function OtherMachine({ finding, className }: { finding: Finding; className?: string }) {
  if (!finding.other_agent_id) return null;
  return (
    <Link to="/machines/$id" params={{ id: finding.other_agent_id }} className={className}>
      {finding.other_agent_name ?? "The other machine"}
    </Link>
  );
}

/** A finding on the page of its machine. */
export function FindingNote({ finding, onAdopted }: { finding: Finding; onAdopted: (agent: Agent) => unknown }) {
  const { cannot, dismiss, isDismissing, same, adopt, dialog } = useFindingActs(finding, onAdopted);
  return (
    <section
      aria-label={FINDING_TITLE[finding.kind]}
      className="flex flex-wrap items-start gap-x-3 gap-y-2 rounded-md border border-line bg-surface px-3 py-2 text-sm"
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium">{FINDING_TITLE[finding.kind]}</p>
        <p className="text-soft">
          {findingWords(finding)} <OtherMachine finding={finding} className="font-medium text-accent-text underline" />{" "}
          Found <Time value={finding.found_at} />.
        </p>
        {finding.kind === "clone" && (
          <details className="mt-1">
            <summary className="w-fit cursor-pointer py-0.5 font-medium text-accent-text">
              Both machines, and what to do
            </summary>
            <div className="mt-2">
              <CloneSides finding={finding} />
            </div>
          </details>
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        {same && (
          <Button size="sm" disabledReason={cannot} onClick={adopt}>
            Continue {same.older.name}…
          </Button>
        )}
        <Button size="sm" variant="ghost" disabledReason={cannot} isPending={isDismissing} onClick={dismiss}>
          Dismiss
        </Button>
      </div>
      {dialog}
    </section>
  );
}
