import { useMemo } from "react";
import type { Agent } from "@/api/types";
import { HELD_WORDS } from "@/components/enrolment/held-words";
import { ACT_WORDS } from "@/components/enrolment/machine-act";
import { useOpenAction } from "@/components/machine-actions/open-action";
import { useMachineActions } from "@/components/machine-actions/use-machine-actions";
import { Time } from "@/components/time";
import { Button } from "@/ui/button";

/** Says of a machine that may not work what that means, since when and why, and offers what ends it. */
export function StateBanner({ agent }: { agent: Agent }) {
  const words = agent.state && agent.state !== "active" ? HELD_WORDS[agent.state] : undefined;
  if (!words) return null;
  return (
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
      <WaysOut agent={agent} />
    </section>
  );
}

const VARIANT = { approve: "primary", reject: "danger", release: "secondary" } as const;

/** Those of its actions that end its state. */
function WaysOut({ agent }: { agent: Agent }) {
  const machines = useMemo(() => [agent], [agent]);
  const actions = useMachineActions(machines);
  const open = useOpenAction();
  return (
    <div className="flex flex-wrap gap-2">
      {actions.map(({ id, disabledReason }) =>
        id === "approve" || id === "reject" || id === "release" ? (
          <Button key={id} variant={VARIANT[id]} disabledReason={disabledReason} onClick={() => open(id, { machines })}>
            {ACT_WORDS[id].verb}
          </Button>
        ) : null,
      )}
    </div>
  );
}
