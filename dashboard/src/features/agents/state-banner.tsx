import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Agent } from "@/api/types";
import { ActDialog } from "@/components/enrolment/act-dialog";
import { type MachineAct, machineOf } from "@/components/enrolment/machine-act";
import { useCannot } from "@/components/me";
import { Time } from "@/components/time";
import { Button } from "@/ui/button";
import { HELD_WORDS } from "./held-words";

/** Says of a machine that may not work what that means, since when and why, and offers what ends it. */
export function StateBanner({ agent }: { agent: Agent }) {
  const [act, setAct] = useState<MachineAct>();
  const navigate = useNavigate();
  const cannot = useCannot("agents.approve", { clientId: agent.client_id, siteId: agent.site_id });
  const words = agent.state && agent.state !== "active" ? HELD_WORDS[agent.state] : undefined;
  return (
    <>
      {words && (
        <section
          aria-label="State"
          className="flex flex-wrap items-start gap-x-3 gap-y-2 rounded-md bg-warn-soft px-3 py-2 text-sm"
        >
          <div className="min-w-0 flex-1 basis-64">
            <p className="font-medium text-warn">
              {words.title}
              {agent.state_changed_at && (
                <span className="font-normal">
                  {" · "}since <Time value={agent.state_changed_at} />
                </span>
              )}
            </p>
            <p>{words.text}</p>
            {agent.state_reason && <p className="break-words">Reason: {agent.state_reason}</p>}
          </div>
          <div className="flex flex-wrap gap-2">
            {agent.state === "waiting" && (
              <>
                <Button variant="primary" disabledReason={cannot} onClick={() => setAct("approve")}>
                  Approve
                </Button>
                <Button variant="danger" disabledReason={cannot} onClick={() => setAct("reject")}>
                  Reject
                </Button>
              </>
            )}
            {agent.state === "quarantined" && (
              <Button disabledReason={cannot} onClick={() => setAct("release")}>
                Release
              </Button>
            )}
          </div>
        </section>
      )}
      {act && (
        <ActDialog
          act={act}
          machines={[machineOf(agent)]}
          onClose={() => setAct(undefined)}
          // leaves the page before anything reads the machine again
          onDone={(failed) => act === "reject" && failed.length === 0 && navigate({ to: "/enrolment" })}
        />
      )}
    </>
  );
}
