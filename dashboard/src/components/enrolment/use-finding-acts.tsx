import { type ReactNode, useState } from "react";
import type { Agent, Finding } from "@/api/types";
import { useCannot } from "../me";
import { useAction } from "../use-action";
import { AdoptDialog, type SameMachine, sameMachineOf } from "./adopt-dialog";
import { invalidateEnrolment } from "./machine-act";

export interface FindingActs {
  /** Why the reader may not decide about it. */
  cannot: string | undefined;
  dismiss: () => void;
  isDismissing: boolean;
  /** The two records, where the older can be continued. */
  same: SameMachine | undefined;
  adopt: () => void;
  /** What has to be on the page meanwhile. */
  dialog: ReactNode;
}

/** What can be done about a finding: it is dismissed, or an older record goes on. */
export function useFindingActs(finding: Finding, onAdopted?: (agent: Agent) => unknown): FindingActs {
  const [isAdopting, setAdopting] = useState(false);
  const cannot = useCannot("agents.approve", { clientId: finding.client_id, siteId: finding.site_id });
  const dismiss = useAction("finding_dismiss", {
    done: () => "Finding dismissed",
    after: async () => void invalidateEnrolment(),
  });
  const same = sameMachineOf(finding);
  return {
    cannot,
    dismiss: () => dismiss.mutate({ path: { id: finding.id } }),
    isDismissing: dismiss.isPending,
    same,
    adopt: () => setAdopting(true),
    dialog: isAdopting && same && (
      <AdoptDialog {...same} onClose={() => setAdopting(false)} {...(onAdopted ? { onDone: onAdopted } : {})} />
    ),
  };
}
