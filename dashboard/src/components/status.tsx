import {
  Archive,
  Ban,
  CalendarX2,
  Circle,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CirclePlay,
  CircleX,
  Clock,
  Hourglass,
  KeyRound,
  LogOut,
  type LucideIcon,
  OctagonX,
  ShieldAlert,
  Unplug,
  UserX,
} from "lucide-react";
import type {
  Agent,
  ApiKey,
  AuditEvent,
  CommandRun,
  CommandRunStatus,
  CommandStatus,
  Invitation,
  Member,
  Schedule,
  Script,
  SiteKey,
} from "@/api/types";
import { cn } from "@/lib/cn";

/** A state is told three ways: by colour, by shape and by word. */
interface Look {
  word: string;
  icon: LucideIcon;
  tone: string;
  isFilled?: boolean;
}

const AGENT: Record<Agent["status"], Look> = {
  online: { word: "Online", icon: Circle, tone: "text-ok", isFilled: true },
  offline: { word: "Offline", icon: CircleDashed, tone: "text-bad" },
};

/** What stands in place of online and offline while a machine may not work. */
const HELD: Record<Exclude<Agent["state"], "active">, Look> = {
  waiting: { word: "Waiting", icon: Hourglass, tone: "text-info" },
  quarantined: { word: "Quarantined", icon: ShieldAlert, tone: "text-warn" },
  revoked: { word: "Revoked", icon: KeyRound, tone: "text-bad" },
  left: { word: "Left", icon: LogOut, tone: "text-soft" },
};

const COMMAND: Record<CommandStatus, Look> = {
  queued: { word: "Queued", icon: Clock, tone: "text-soft" },
  running: { word: "Running", icon: CirclePlay, tone: "text-info" },
  completed: { word: "Completed", icon: CircleCheck, tone: "text-ok" },
  failed: { word: "Failed", icon: CircleX, tone: "text-bad" },
  timeout: { word: "Timed out", icon: Clock, tone: "text-bad" },
  interrupted: { word: "Interrupted", icon: Unplug, tone: "text-warn" },
  cancelled: { word: "Cancelled", icon: Ban, tone: "text-soft" },
  expired: { word: "Expired", icon: CalendarX2, tone: "text-warn" },
  awaiting_approval: { word: "Awaiting approval", icon: Hourglass, tone: "text-info" },
  rejected: { word: "Rejected", icon: UserX, tone: "text-bad" },
};

/** A run that has ended says besides how. */
const RUN: Record<CommandRunStatus | "failed" | "partly_failed", Look> = {
  awaiting_approval: COMMAND.awaiting_approval,
  rejected: COMMAND.rejected,
  running: COMMAND.running,
  finished: { word: "Finished", icon: CircleCheck, tone: "text-ok" },
  partly_failed: { word: "Partly failed", icon: CircleAlert, tone: "text-warn" },
  failed: COMMAND.failed,
  stopped: { word: "Stopped", icon: OctagonX, tone: "text-warn" },
  expired: COMMAND.expired,
};

const SITE_KEY: Record<SiteKey["state"], Look> = {
  active: { word: "Active", icon: Circle, tone: "text-ok", isFilled: true },
  revoked: { word: "Revoked", icon: Ban, tone: "text-bad" },
  expired: { word: "Expired", icon: CalendarX2, tone: "text-soft" },
  used_up: { word: "Used up", icon: CircleCheck, tone: "text-soft" },
};

const AUDIT: Record<AuditEvent["outcome"], Look> = {
  done: { word: "Done", icon: CircleCheck, tone: "text-soft" },
  refused: { word: "Refused", icon: Ban, tone: "text-bad" },
};

const MEMBER: Record<Member["status"], Look> = {
  active: { word: "Active", icon: Circle, tone: "text-ok", isFilled: true },
  suspended: { word: "Suspended", icon: Ban, tone: "text-warn" },
  removed: { word: "Removed", icon: CircleX, tone: "text-soft" },
};

const ORGANISATION = {
  active: { word: "Active", icon: Circle, tone: "text-ok", isFilled: true },
  suspended: { word: "Suspended", icon: Ban, tone: "text-warn" },
} satisfies Record<string, Look>;

/** The approved version of a script is the one that runs. */
const SCRIPT = {
  approved: { word: "Approved", icon: CircleCheck, tone: "text-ok" },
  newer: { word: "Newer version waits", icon: Hourglass, tone: "text-info" },
  unapproved: { word: "Not approved", icon: CircleDashed, tone: "text-warn" },
  archived: { word: "Put away", icon: Archive, tone: "text-soft" },
} satisfies Record<string, Look>;

const SCHEDULE: Record<Schedule["status"], Look> = {
  active: { word: "Active", icon: Circle, tone: "text-ok", isFilled: true },
  paused: { word: "Paused", icon: CirclePause, tone: "text-soft" },
  suspended: { word: "Suspended", icon: ShieldAlert, tone: "text-warn" },
};

/** What came of the last time that a schedule was due. */
const OUTCOME: Record<NonNullable<Schedule["last_outcome"]>, Look> = {
  ran: { word: "Ran", icon: CircleCheck, tone: "text-ok" },
  skipped: { word: "Skipped", icon: CalendarX2, tone: "text-warn" },
  nothing: { word: "Nothing", icon: CircleDashed, tone: "text-soft" },
  refused: { word: "Refused", icon: Ban, tone: "text-bad" },
};

const INVITATION: Record<Invitation["state"], Look> = {
  open: { word: "Open", icon: Clock, tone: "text-info" },
  accepted: { word: "Accepted", icon: CircleCheck, tone: "text-ok" },
  revoked: { word: "Revoked", icon: Ban, tone: "text-soft" },
  expired: { word: "Expired", icon: CalendarX2, tone: "text-soft" },
};

function Status({ look, className }: { look: Look; className?: string | undefined }) {
  const Icon = look.icon;
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.5 whitespace-nowrap align-middle font-medium leading-4",
        look.tone,
        className,
      )}
    >
      <Icon
        aria-hidden
        className={cn("size-3.5 shrink-0", look.isFilled && "size-2.5 fill-current mx-0.5")}
        strokeWidth={2.25}
      />
      {look.word}
    </span>
  );
}

interface AgentStatusProps {
  status: Agent["status"];
  /** Whether it may work: what keeps it from that says more than that it is offline. */
  state?: Agent["state"] | undefined;
  className?: string;
}

export function AgentStatus({ status, state = "active", className }: AgentStatusProps) {
  return <Status look={state === "active" ? AGENT[status] : HELD[state]} className={className} />;
}

export function CommandStatusMark({ status, className }: { status: CommandStatus; className?: string }) {
  return <Status look={COMMAND[status]} className={className} />;
}

interface CommandRunStatusProps {
  run: Pick<CommandRun, "status" | "counts">;
  className?: string;
}

export function CommandRunStatusMark({ run, className }: CommandRunStatusProps) {
  return <Status look={RUN[run.status === "finished" ? endOf(run) : run.status]} className={className} />;
}

function endOf({ counts }: Pick<CommandRun, "counts">): "finished" | "partly_failed" | "failed" {
  const failed = counts.failed + counts.timeout + counts.interrupted + counts.expired;
  if (failed === 0) return "finished";
  return failed === counts.total ? "failed" : "partly_failed";
}

export function SiteKeyState({ state }: { state: SiteKey["state"] }) {
  return <Status look={SITE_KEY[state]} />;
}

export function AuditOutcome({ outcome }: { outcome: AuditEvent["outcome"] }) {
  return <Status look={AUDIT[outcome]} />;
}

export function MemberStatus({ status, className }: { status: Member["status"]; className?: string }) {
  return <Status look={MEMBER[status]} className={className} />;
}

export function OrganisationState({ isSuspended }: { isSuspended: boolean }) {
  return <Status look={ORGANISATION[isSuspended ? "suspended" : "active"]} />;
}

export function InvitationState({ state }: { state: Invitation["state"] }) {
  return <Status look={INVITATION[state]} />;
}

export function ScriptState({ script, className }: { script: Script; className?: string }) {
  return <Status look={SCRIPT[stateOf(script)]} className={className} />;
}

function stateOf({ archived_at, approved_version, newest_version }: Script): keyof typeof SCRIPT {
  if (archived_at) return "archived";
  if (!approved_version) return "unapproved";
  return approved_version === newest_version ? "approved" : "newer";
}

export function ScheduleStatus({ status, className }: { status: Schedule["status"]; className?: string }) {
  return <Status look={SCHEDULE[status]} className={className} />;
}

export function ScheduleOutcome({ outcome }: { outcome: NonNullable<Schedule["last_outcome"]> }) {
  return <Status look={OUTCOME[outcome]} />;
}

/** The states of API keys are among those of site keys. */
export function ApiKeyState({ state }: { state: ApiKey["state"] }) {
  return <Status look={SITE_KEY[state]} />;
}

export const agentStateWord = (state: Agent["state"]): string => (state === "active" ? "Active" : HELD[state].word);
export const commandStatusWord = (status: CommandStatus): string => COMMAND[status].word;
export const COMMAND_STATUSES = Object.keys(COMMAND) as CommandStatus[];
/** What runs can be looked for by. */
export const COMMAND_RUN_STATUSES = [
  "awaiting_approval",
  "running",
  "finished",
  "stopped",
  "rejected",
  "expired",
] as const satisfies readonly CommandRunStatus[];
export const SCHEDULE_STATUSES = Object.keys(SCHEDULE) as Schedule["status"][];
export const scheduleStatusWord = (status: Schedule["status"]): string => SCHEDULE[status].word;
export const commandRunStatusWord = (status: CommandRunStatus): string => RUN[status].word;

const OPEN: ReadonlySet<CommandStatus> = new Set(["awaiting_approval", "queued", "running"]);
export const isEnded = (status: CommandStatus): boolean => !OPEN.has(status);
