import { Link } from "@tanstack/react-router";
import { ChevronRight, Hourglass, type LucideIcon, ShieldAlert } from "lucide-react";
import type { AgentSummary } from "@/api/types";
import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";

interface NoticeProps {
  tab: "held" | undefined;
  icon: LucideIcon;
  tone: string;
  words: string;
}

function Notice({ tab, icon: Icon, tone, words }: NoticeProps) {
  return (
    <li className="border-line border-b last:border-b-0">
      <Link
        to="/enrolment"
        search={{ tab }}
        className="flex min-h-10 items-center gap-2 px-4 py-1.5 font-medium text-sm -outline-offset-2 hover:bg-subtle"
      >
        <Icon aria-hidden className={cn("size-4 shrink-0", tone)} />
        <span className="min-w-0 flex-1">{words}</span>
        <ChevronRight aria-hidden className="size-4 shrink-0 text-soft" />
      </Link>
    </li>
  );
}

/** How many machines wait to be let in, and how many are kept away; nothing where there are none. */
export function EnrolmentNotices({ summary: { waiting = 0, quarantined = 0 } }: { summary: Partial<AgentSummary> }) {
  if (waiting === 0 && quarantined === 0) return null;
  return (
    <ul aria-label="Enrolment" className="rounded-lg border border-line bg-surface">
      {waiting > 0 && (
        <Notice
          tab={undefined}
          icon={Hourglass}
          tone="text-info"
          words={waiting === 1 ? "1 machine waits to be let in" : `${formatCount(waiting)} machines wait to be let in`}
        />
      )}
      {quarantined > 0 && (
        <Notice
          tab="held"
          icon={ShieldAlert}
          tone="text-warn"
          words={
            quarantined === 1 ? "1 machine is quarantined" : `${formatCount(quarantined)} machines are quarantined`
          }
        />
      )}
    </ul>
  );
}
