import { useInfiniteQuery } from "@tanstack/react-query";
import { MailPlus, UserPlus } from "lucide-react";
import { useMemo, useState } from "react";
import { pages } from "@/api/client";
import type { Invitation } from "@/api/types";
import { placeWords } from "@/components/can-words";
import type { Column } from "@/components/data-table/column";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { InvitationState } from "@/components/status";
import { Time } from "@/components/time";
import { useAction } from "@/components/use-action";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";

const invitationId = (invitation: Invitation) => invitation.id;

const rolesOf = (invitation: Invitation): string =>
  invitation.grants.map((grant) => `${grant.role_name ?? "a role that was deleted"} ${placeWords(grant)}`).join(" · ");

const COLUMNS: Column<Invitation>[] = [
  {
    id: "email",
    header: "E-mail",
    width: 200,
    isGrowing: true,
    cell: (invitation) => (
      <span title={invitation.email} className="font-medium">
        {invitation.email}
      </span>
    ),
  },
  { id: "state", header: "State", width: 105, cell: (invitation) => <InvitationState state={invitation.state} /> },
  {
    id: "roles",
    header: "Gives",
    width: 260,
    isGrowing: true,
    cell: (invitation) => <span title={rolesOf(invitation)}>{rolesOf(invitation)}</span>,
  },
  { id: "by", header: "Invited by", width: 140, cell: (invitation) => invitation.invited_by_name ?? "the console" },
  { id: "created", header: "Created", width: 105, cell: (invitation) => <Time value={invitation.created_at} /> },
  { id: "expires", header: "Link ends", width: 105, cell: (invitation) => <Time value={invitation.expires_at} /> },
];

const OVER: Record<Invitation["state"], string | undefined> = {
  open: undefined,
  accepted: "It was used: take roles away on the person's page.",
  revoked: "It is revoked already.",
  expired: "It has expired; nobody can use it.",
};

/** The links by which people join, the newest first. */
export function InvitationsTab({ onInvite }: { onInvite: () => void }) {
  const list = useInfiniteQuery(pages("invitation_list", {}));
  const [revoking, setRevoking] = useState<Invitation>();
  const revoke = useAction("invitation_revoke", {
    stale: ["invitation_list", "audit_event_list"],
    done: (invitation) => `The invitation of ${invitation.email} is revoked`,
  });
  const columns = useMemo<Column<Invitation>[]>(
    () => [
      ...COLUMNS,
      {
        id: "actions",
        header: "Action",
        width: 90,
        cell: (invitation) => <RevokeButton invitation={invitation} onRevoke={setRevoking} />,
      },
    ],
    [],
  );
  return (
    <>
      <DataTable
        label="Invitations"
        noun="invitations"
        query={list}
        columns={columns}
        rowId={invitationId}
        rowLabel={(invitation) => invitation.email}
        className="border-t-0"
        compact={(invitation) => (
          <div className="flex items-center gap-2">
            <div className="min-w-0 flex-1">
              <p className="flex items-center gap-2">
                <span className="truncate font-medium">{invitation.email}</span>
                <InvitationState state={invitation.state} />
              </p>
              <p className="truncate text-soft text-xs">{rolesOf(invitation)}</p>
            </div>
            <RevokeButton invitation={invitation} onRevoke={setRevoking} />
          </div>
        )}
        empty={
          <EmptyState
            icon={MailPlus}
            title="Nobody was invited yet"
            action={
              <Button variant="primary" onClick={onInvite}>
                <UserPlus /> Invite somebody
              </Button>
            }
          >
            An invitation is a link that works once: whoever opens it makes an account and has the roles you chose.
          </EmptyState>
        }
      />
      <ConfirmDialog
        isOpen={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title={`Revoke the invitation of ${revoking?.email ?? ""}?`}
        confirmLabel="Revoke"
        isPending={revoke.isPending}
        onConfirm={() =>
          revoking && revoke.mutate({ path: { id: revoking.id } }, { onSettled: () => setRevoking(undefined) })
        }
      >
        <p>Its link works no more. You may invite the same address again, with a new link.</p>
      </ConfirmDialog>
    </>
  );
}

function RevokeButton({ invitation, onRevoke }: { invitation: Invitation; onRevoke: (one: Invitation) => void }) {
  return (
    <Button
      size="sm"
      variant="danger"
      data-row-focus
      disabledReason={OVER[invitation.state]}
      aria-label={`Revoke the invitation of ${invitation.email}`}
      onClick={() => onRevoke(invitation)}
    >
      Revoke
    </Button>
  );
}
