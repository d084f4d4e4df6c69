import { Link } from "@tanstack/react-router";
import type { Schedule } from "@/api/types";
import { paceWords } from "@/components/command/run-pace";
import { A_DAY, waitWords } from "@/components/command/run-values";
import { ScriptLink } from "@/components/command-run/script-link";
import { whereWords } from "@/components/command-run/where";
import { Id } from "@/components/copy";
import { Time } from "@/components/time";
import { Facts, Panel } from "@/ui/panel";
import { Last, VersionNote } from "./schedule-columns";
import { clockWords, missedWords, placeWords } from "./schedule-words";

/** Everything that it says, and who says it. */
export function ScheduleFacts({ schedule }: { schedule: Schedule }) {
  const clock = clockWords(schedule);
  const missed = missedWords(schedule);
  const { pace, trigger, last_reason: reason } = schedule;
  return (
    <Panel title="What it does">
      <Facts
        items={[
          { name: "When", value: schedule.sentence },
          ...(clock ? [{ name: "By", value: clock }] : []),
          ...(missed ? [{ name: "A missed time", value: missed }] : []),
          {
            name: "Script",
            value: (
              <>
                <ScriptLink run={schedule} /> <VersionNote schedule={schedule} />
              </>
            ),
          },
          { name: "Where", value: <Where schedule={schedule} /> },
          { name: "Which machines", value: whereWords(schedule.targets) ?? "—" },
          ...(trigger.kind === "cron" ? [{ name: "Order", value: paceWords({ mode: "parallel", ...pace }) }] : []),
          { name: "Waits", value: `up to ${waitWords(schedule.expires_in_seconds ?? A_DAY)} for a machine` },
          {
            name: "Last time",
            value: (
              <>
                <Last schedule={schedule} />
                {reason && <span className="block text-soft">{reason}</span>}
              </>
            ),
          },
          { name: "In the name of", value: schedule.changed_by_name ?? "—" },
          { name: "Changed", value: <Time value={schedule.updated_at} /> },
          {
            name: "Created",
            value: (
              <>
                {schedule.created_by_name && `by ${schedule.created_by_name} `}
                <Time value={schedule.created_at} />
              </>
            ),
          },
          { name: "Schedule id", value: <Id value={schedule.id} label="schedule id" /> },
        ]}
      />
    </Panel>
  );
}

const LINK = "font-medium text-accent-text hover:underline";

function Where({ schedule }: { schedule: Schedule }) {
  const { client_id: clientId, site_id: siteId } = schedule;
  const words = placeWords(schedule);
  if (siteId) {
    return (
      <Link to="/sites/$id" params={{ id: siteId }} className={LINK}>
        {words}
      </Link>
    );
  }
  if (!clientId) return words;
  return (
    <Link to="/clients/$id" params={{ id: clientId }} className={LINK}>
      {words}
    </Link>
  );
}
