import { useNavigate } from "@tanstack/react-router";
import { Ban, CirclePlay, Ellipsis, UserX } from "lucide-react";
import { useState } from "react";
import { invalidate } from "@/api/client";
import type { Operation } from "@/api/operations";
import type { Member } from "@/api/types";
import { mayTouch } from "@/components/can";
import { useCannot, useMe } from "@/components/me";
import { useAction } from "@/components/use-action";
import { Button, IconButton } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Menu, MenuItem } from "@/ui/menu";

const STALE: Operation[] = ["user_get", "user_list", "user_sessions", "role_list", "audit_event_list"];

/** Why somebody's account cannot be changed by whoever is signed in. */
export function useCannotTouch(user: Member): string | undefined {
  const cannot = useCannot("users.edit");
  const own = useMe()?.grants;
  if (cannot) return cannot;
  return own && !mayTouch(own, user.grants)
    ? "This person may do more than you, so you cannot change this."
    : undefined;
}

/** Suspend, resume, remove. */
export function UserActions({ user }: { user: Member }) {
  const [dialog, setDialog] = useState<"suspend" | "remove">();
  const navigate = useNavigate();
  const isOwn = useMe()?.user.id === user.id;
  const cannotTouch = useCannotTouch(user);
  const cannotSuspend = isOwn ? "You cannot suspend yourself." : cannotTouch;
  const cannotRemove = isOwn ? undefined : cannotTouch;
  const close = () => setDialog(undefined);
  const update = useAction("user_update", {
    stale: STALE,
    done: (after) => (after.status === "suspended" ? `${user.name} suspended` : `${user.name} may log in again`),
  });
  const remove = useAction("user_remove", {
    done: () => (isOwn ? "You have left" : `${user.name} removed`),
    // leaves the page before anything reads the person again
    after: async () => {
      await navigate({ to: isOwn ? "/login" : "/users" });
      void invalidate("user_list", "role_list", "audit_event_list", ...(isOwn ? (["auth_me"] as const) : []));
    },
  });
  const setStatus = (status: "active" | "suspended") =>
    update.mutate({ path: { id: user.id }, body: { status } }, { onSettled: close });
  const isSuspended = user.status === "suspended";
  const removeWord = isOwn ? "Leave" : "Remove";
  return (
    <>
      <div className="flex gap-2 max-sm:hidden">
        {isSuspended ? (
          <Button disabledReason={cannotSuspend} isPending={update.isPending} onClick={() => setStatus("active")}>
            <CirclePlay /> Resume
          </Button>
        ) : (
          <Button disabledReason={cannotSuspend} onClick={() => setDialog("suspend")}>
            <Ban /> Suspend
          </Button>
        )}
        <Button variant="danger" disabledReason={cannotRemove} onClick={() => setDialog("remove")}>
          <UserX /> {removeWord}
        </Button>
      </div>
      <div className="sm:hidden">
        <Menu
          label="Actions"
          trigger={
            <IconButton label="Actions" variant="secondary">
              <Ellipsis />
            </IconButton>
          }
        >
          {isSuspended ? (
            <MenuItem disabledReason={cannotSuspend} onSelect={() => setStatus("active")}>
              <CirclePlay /> Resume
            </MenuItem>
          ) : (
            <MenuItem disabledReason={cannotSuspend} onSelect={() => setDialog("suspend")}>
              <Ban /> Suspend
            </MenuItem>
          )}
          <MenuItem isDanger disabledReason={cannotRemove} onSelect={() => setDialog("remove")}>
            <UserX /> {removeWord}
          </MenuItem>
        </Menu>
      </div>
      <ConfirmDialog
        isOpen={dialog === "suspend"}
        onClose={close}
        title={`Suspend ${user.name}?`}
        confirmLabel="Suspend"
        isPending={update.isPending}
        onConfirm={() => setStatus("suspended")}
      >
        <p>They are signed out everywhere within a second and cannot log in to this organisation. Their roles stay.</p>
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={dialog === "remove"}
        onClose={close}
        title={isOwn ? "Leave this organisation?" : `Remove ${user.name}?`}
        confirmLabel={isOwn ? "Leave" : "Remove"}
        isPending={remove.isPending}
        onConfirm={() => remove.mutate({ path: { id: user.id } }, { onError: close })}
      >
        {isOwn ? (
          <p>You are signed out at once and lose every role here. Only somebody else can let you in again.</p>
        ) : (
          <p>
            They are signed out everywhere, lose every role and leave the list. What they did stays in the audit. To
            return they have to be invited again.
          </p>
        )}
      </ConfirmDialog>
    </>
  );
}
