import { useQuery } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { useState } from "react";
import { q } from "@/api/client";
import { ErrorView } from "@/components/feedback";
import { useMe } from "@/components/me";
import { SessionList } from "@/components/session-list";
import { useAction } from "@/components/use-action";
import { useLogOut } from "@/components/use-log-out";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Panel, Skeleton } from "@/ui/panel";

/** Where one is signed in, in every organisation. */
export function OwnSessions() {
  const query = useQuery(q("session_list", {}));
  const [isAsking, setAsking] = useState(false);
  const me = useMe();
  const logOut = useLogOut();
  const end = useAction("session_revoke", {
    stale: ["session_list", "user_sessions", "audit_event_list"],
    done: () => "Signed out there",
  });
  const endOthers = useAction("session_end_others", {
    stale: ["session_list", "user_sessions", "audit_event_list"],
    done: () => "Signed out everywhere else",
  });
  const sessions = query.data?.items ?? [];
  const none = query.data && sessions.length < 2 ? "You are signed in nowhere else." : undefined;
  const hasSeveral = (me?.organisations.length ?? 0) > 1;
  return (
    <Panel
      title="Where you are signed in"
      className="max-w-4xl"
      bodyClassName="p-0"
      actions={
        <Button size="sm" variant="danger" disabledReason={none} onClick={() => setAsking(true)}>
          <LogOut /> Sign out everywhere else
        </Button>
      }
    >
      {query.data ? (
        <SessionList
          sessions={sessions}
          currentId={me?.session?.id}
          organisationOf={(session) =>
            hasSeveral ? sessions.find(({ id }) => id === session.id)?.organisation_name : undefined
          }
          action={(session) =>
            session.id === me?.session?.id ? (
              <Button size="sm" onClick={logOut}>
                Log out
              </Button>
            ) : (
              <Button
                size="sm"
                variant="danger"
                isPending={end.isPending && end.variables?.path.id === session.id}
                onClick={() => end.mutate({ path: { id: session.id } })}
              >
                Sign out
              </Button>
            )
          }
        />
      ) : query.error ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton className="m-4 h-16" />
      )}
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title="Sign out everywhere else?"
        confirmLabel="Sign out"
        isPending={endOthers.isPending}
        onConfirm={() => endOthers.mutate({}, { onSettled: () => setAsking(false) })}
      >
        <p>Every other browser of yours ends within a second. This one stays.</p>
      </ConfirmDialog>
    </Panel>
  );
}
