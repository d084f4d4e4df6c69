import { Link } from "@tanstack/react-router";
import { Ban, Plus, ShieldCheck, ShieldOff } from "lucide-react";
import { useState } from "react";
import type { GrantInfo, Member } from "@/api/types";
import { notOwn, placeOf } from "@/components/can";
import { grantWords, inOrder, lackingWords, placeWords } from "@/components/can-words";
import { EmptyState } from "@/components/feedback";
import { useCannot, useMe, useOwnGrants } from "@/components/me";
import { Time } from "@/components/time";
import { useAction } from "@/components/use-action";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Panel } from "@/ui/panel";
import { GrantDialog } from "./grant-dialog";
import { useCannotTouch } from "./user-actions";

/** What somebody was given, and what is denied to them. */
export function GrantsTab({ user }: { user: Member }) {
  const [isAdding, setAdding] = useState(false);
  const [taking, setTaking] = useState<GrantInfo>();
  const cannot = useCannot("users.edit");
  const take = useAction("grant_delete", {
    stale: ["user_get", "user_list", "user_access", "role_list", "audit_event_list"],
    done: () => (taking?.effect === "deny" ? "No longer denied" : "Role taken away"),
  });
  const isOwn = useMe()?.user.id === user.id;
  return (
    <Panel
      title="Roles"
      className="max-w-4xl"
      bodyClassName="p-0"
      actions={
        <Button size="sm" disabledReason={cannot} onClick={() => setAdding(true)}>
          <Plus /> Add a role
        </Button>
      }
    >
      {user.grants.length === 0 ? (
        <EmptyState icon={ShieldOff} title="Nothing given yet">
          Without a role {isOwn ? "you" : user.name} may log in and see nothing.
        </EmptyState>
      ) : (
        <ul>
          {inOrder(user.grants).map((grant) => (
            <GrantRow key={grant.id} user={user} grant={grant} onTake={() => setTaking(grant)} />
          ))}
        </ul>
      )}
      {isAdding && <GrantDialog user={user} onClose={() => setAdding(false)} />}
      <ConfirmDialog
        isOpen={taking !== undefined}
        onClose={() => setTaking(undefined)}
        title={taking?.effect === "deny" ? "No longer deny this?" : "Take this role away?"}
        confirmLabel={taking?.effect === "deny" ? "No longer deny" : "Take away"}
        isPending={take.isPending}
        onConfirm={() => taking && take.mutate({ path: { id: taking.id } }, { onSettled: () => setTaking(undefined) })}
      >
        {taking && <p className="break-words font-medium text-ink">{grantWords(taking)}</p>}
        <p>
          {taking?.effect === "deny"
            ? `${isOwn ? "You" : user.name} may then do there what other roles give.`
            : `${isOwn ? "You lose" : `${user.name} loses`} what only this role gives, within a second.`}
        </p>
      </ConfirmDialog>
    </Panel>
  );
}

interface GrantRowProps {
  user: Member;
  grant: GrantInfo;
  onTake: () => void;
}

function GrantRow({ user, grant, onTake }: GrantRowProps) {
  const cannot = useCannotTake(user, grant);
  const isDeny = grant.effect === "deny";
  const role = `${grant.role_name} ${placeWords(grant)}`;
  return (
    <li
      className={cn("flex items-center gap-3 border-line border-b px-4 py-2 last:border-b-0", isDeny && "bg-bad-soft")}
    >
      {isDeny ? (
        <Ban aria-hidden className="size-4 shrink-0 text-bad" />
      ) : (
        <ShieldCheck aria-hidden className="size-4 shrink-0 text-ok" />
      )}
      <div className="min-w-0 flex-1 text-sm">
        <p className="break-words">
          {isDeny && <strong className="font-semibold text-bad">Denied: </strong>}
          <Link
            to="/roles/$id"
            params={{ id: grant.built_in ?? grant.role_id ?? "" }}
            className="font-medium hover:underline"
          >
            {grant.role_name}
          </Link>{" "}
          {placeWords(grant)}
        </p>
        <p className={cn("text-xs", isDeny ? "text-ink" : "text-soft")}>
          {isDeny ? "denied" : "given"} by {grant.created_by_name ?? "the set-up"}, <Time value={grant.created_at} />
        </p>
      </div>
      <Button
        size="sm"
        variant="danger"
        disabledReason={cannot}
        aria-label={`${isDeny ? "No longer deny" : "Take away"}: ${role}`}
        onClick={onTake}
      >
        {isDeny ? "No longer deny" : "Take away"}
      </Button>
    </li>
  );
}

/** Both take somebody who may touch the person; and lifting what is denied gives what it names. */
function useCannotTake(user: Member, grant: GrantInfo): string | undefined {
  const cannot = useCannot("users.edit");
  const cannotTouch = useCannotTouch(user);
  const own = useOwnGrants();
  if (cannot ?? cannotTouch) return cannot ?? cannotTouch;
  if (grant.effect === "allow") return undefined;
  return lackingWords(notOwn(own, grant.permissions ?? [], placeOf(grant)), "there", "denies");
}
