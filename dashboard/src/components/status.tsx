import {
  Ban,
  CalendarX2,
  Circle,
  CircleCheck,
  CircleDashed,
  CirclePlay,
  CircleX,
  Clock,
  Hourglass,
  KeyRound,
  LogOut,
  type LucideIcon,
  ShieldAlert,
  Unplug,
} from "lucide-react";
import type { Agent, ApiKey, AuditEvent, CommandStatus, Invitation, Member, SiteKey } from "@/api/types";
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

/** The states of API keys are among those of site keys. */
export function ApiKeyState({ state }: { state: ApiKey["state"] }) {
  return <Status look={SITE_KEY[state]} />;
}

export const agentStateWord = (state: Agent["state"]): string => (state === "active" ? "Active" : HELD[state].word);
export const commandStatusWord = (status: CommandStatus): string => COMMAND[status].word;
export const COMMAND_STATUSES = Object.keys(COMMAND) as CommandStatus[];
export const isEnded = (status: CommandStatus): boolean => status !== "queued" && status !== "running";
