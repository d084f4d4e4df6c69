import { Monitor, Smartphone } from "lucide-react";
import type { ReactNode } from "react";
import type { OpenSession } from "@/api/types";
import { browserWords, isPhone } from "@/lib/user-agent";
import { Time } from "./time";

interface SessionListProps {
  sessions: OpenSession[];
  /** The session of this page. */
  currentId: string | undefined;
  action?: (session: OpenSession) => ReactNode;
}

/** Places where somebody is signed in, the newest first. */
export function SessionList({ sessions, currentId, action }: SessionListProps) {
  return (
    <ul>
      {sessions.map((session) => (
        <li key={session.id} className="flex items-center gap-3 border-line border-b px-4 py-2 text-sm last:border-b-0">
          {isPhone(session.user_agent) ? (
            <Smartphone aria-hidden className="size-4 shrink-0 text-soft" />
          ) : (
            <Monitor aria-hidden className="size-4 shrink-0 text-soft" />
          )}
          <div className="min-w-0 flex-1">
            <p className="truncate font-medium" title={session.user_agent ?? undefined}>
              {browserWords(session.user_agent)}
              {session.id === currentId && (
                <span className="ml-2 rounded bg-accent-soft px-1.5 py-0.5 text-accent-text text-xs">this session</span>
              )}
            </p>
            <p className="flex flex-wrap gap-x-2 text-soft text-xs">
              <span className="break-all">{session.ip ?? "unknown address"}</span>
              <span aria-hidden>·</span>
              <span>
                since <Time value={session.created_at} />
              </span>
              <span aria-hidden>·</span>
              <span>
                ends <Time value={session.expires_at} />
              </span>
            </p>
          </div>
          {action?.(session)}
        </li>
      ))}
    </ul>
  );
}
