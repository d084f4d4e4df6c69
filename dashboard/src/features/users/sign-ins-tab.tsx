import { useQuery } from "@tanstack/react-query";
import { LogOut, MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { q } from "@/api/client";
import type { Member } from "@/api/types";
import { EmptyState, ErrorView } from "@/components/feedback";
import { useMe } from "@/components/me";
import { SessionList } from "@/components/session-list";
import { useAction } from "@/components/use-action";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Panel, Skeleton } from "@/ui/panel";
import { useCannotTouch } from "./user-actions";

/** Where somebody is signed in. */
export function SignInsTab({ user }: { user: Member }) {
  const query = useQuery(q("user_sessions", { path: { id: user.id } }));
  const [isAsking, setAsking] = useState(false);
  const cannot = useCannotTouch(user);
  const me = useMe();
  const signOut = useAction("user_sign_out", {
    stale: ["user_sessions", "audit_event_list"],
    done: () => `${user.name} is signed out everywhere`,
  });
  const sessions = query.data?.items ?? [];
  const none = query.data && sessions.length === 0 ? "They are signed in nowhere." : undefined;
  return (
    <Panel
      title="Signed in"
      className="max-w-4xl"
      bodyClassName="p-0"
      actions={
        <Button size="sm" variant="danger" disabledReason={cannot ?? none} onClick={() => setAsking(true)}>
          <LogOut /> Sign out everywhere
        </Button>
      }
    >
      {query.data ? (
        sessions.length > 0 ? (
          <SessionList sessions={sessions} currentId={me?.session.id} />
        ) : (
          <EmptyState icon={MonitorSmartphone} title="Signed in nowhere">
            {user.name} has no open session in this organisation.
          </EmptyState>
        )
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton className="m-4 h-16" />
      )}
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Sign ${user.name} out everywhere?`}
        confirmLabel="Sign out"
        isPending={signOut.isPending}
        onConfirm={() => signOut.mutate({ path: { id: user.id } }, { onSettled: () => setAsking(false) })}
      >
        <p>
          {me?.user.id === user.id
            ? "This ends your session here too: you log in again."
            : "Every browser of theirs ends within a second. They may log in again."}
        </p>
      </ConfirmDialog>
    </Panel>
  );
}
