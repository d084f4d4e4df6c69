import { useIsMutating, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ScrollText, ShieldX, Trash2 } from "lucide-react";
import { useState } from "react";
import { builtInRoles } from "@/api/can";
import { invalidate, q } from "@/api/client";
import { ApiError, isForbidden, isMissing } from "@/api/problem";
import type { Role } from "@/api/types";
import { ORGANISATION } from "@/components/can";
import { EmptyState, ErrorView } from "@/components/feedback";
import { useCannot, useOwnGrants } from "@/components/me";
import { Page, PageBody } from "@/components/page";
import { PermissionList } from "@/components/permission-list";
import { Time } from "@/components/time";
import { useAction } from "@/components/use-action";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { ConfirmDialog } from "@/ui/dialog";
import { Panel, Skeleton } from "@/ui/panel";
import { RoleForm, whyNotChange } from "./role-form";
import { RoleHolders } from "./role-holders";

/** One role. Another is another page: no draft goes over from one to the other. */
export function RolePage() {
  const { id } = useParams({ from: "/app/roles/$id" });
  return Object.hasOwn(builtInRoles, id) ? <BuiltIn key={id} name={id} /> : <Own key={id} id={id} />;
}

function BuiltIn({ name }: { name: string }) {
  const query = useQuery(q("role_list", {}));
  const role = query.data?.items.find((one) => one.built_in === name);
  if (query.error && (!role || isForbidden(query.error)))
    return <NoRole error={query.error} onRetry={() => void query.refetch()} />;
  if (!role) return <Loading />;
  return (
    <Page title={role.name} subtitle={`Built-in role: the same in every organisation. ${role.description}`}>
      <PageBody>
        <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
          <Panel title="What it names">
            <PermissionList named={role.permissions} />
          </Panel>
          <RoleHolders role={role} />
        </div>
      </PageBody>
    </Page>
  );
}

function Own({ id }: { id: string }) {
  const isLeaving = useIsMutating({ mutationKey: ["role_delete"] }) > 0;
  const query = useQuery({ ...q("role_get", { path: { id } }), enabled: !isLeaving });
  const role = query.data;
  const cannotAudit = useCannot("audit.view", ORGANISATION);
  if (query.error && (!role || isMissing(query.error) || isForbidden(query.error)))
    return <NoRole error={query.error} onRetry={() => void query.refetch()} />;
  if (!role) return <Loading />;
  return (
    <Page
      title={role.name}
      heading={
        <h1 title={role.name} className="truncate font-semibold text-xl">
          {role.name}
        </h1>
      }
      subtitle={
        <>
          Own role, changed <Time value={role.updated_at ?? role.created_at} />
        </>
      }
      actions={
        <>
          {!cannotAudit && (
            <Button asChild>
              <Link to="/audit" search={{ target_id: id }}>
                <ScrollText /> What was done to it
              </Link>
            </Button>
          )}
          <DeleteRole role={role} />
        </>
      }
    >
      <PageBody>
        <div className="grid gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
          <RoleForm
            key={JSON.stringify([role.name, role.description, role.permissions])}
            role={role}
            onSaved={() => {}}
          />
          <RoleHolders role={role} />
        </div>
      </PageBody>
    </Page>
  );
}

function DeleteRole({ role }: { role: Role }) {
  const [isAsking, setAsking] = useState(false);
  const navigate = useNavigate();
  const own = useOwnGrants();
  const lacking = useCannot("roles.edit");
  const inUse =
    role.user_count > 0 && `${plural(role.user_count, "person has", "people have")} it: take it from them first.`;
  const remove = useAction("role_delete", {
    done: () => `${role.name} deleted`,
    after: async () => {
      await navigate({ to: "/roles" });
      void invalidate("role_list", "audit_event_list");
    },
  });
  return (
    <>
      <Button
        variant="danger"
        disabledReason={lacking ?? whyNotChange(own, role) ?? inUse}
        onClick={() => setAsking(true)}
      >
        <Trash2 /> Delete
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Delete ${role.name}?`}
        confirmLabel="Delete role"
        isPending={remove.isPending}
        onConfirm={() => remove.mutate({ path: { id: role.id ?? "" } }, { onError: () => setAsking(false) })}
      >
        <p>Nobody has it. It disappears from every list; what it named stays in the audit.</p>
      </ConfirmDialog>
    </>
  );
}

/** The page on which a role is made. */
export function NewRolePage() {
  const navigate = useNavigate();
  return (
    <Page title="New role">
      <PageBody>
        <div className="max-w-4xl">
          <RoleForm onSaved={(role) => void navigate({ to: "/roles/$id", params: { id: role.id ?? "" } })} />
        </div>
      </PageBody>
    </Page>
  );
}

function Loading() {
  return (
    <Page title="Role" heading={<Skeleton className="h-6 w-56" />}>
      <PageBody>
        <h1 className="sr-only">Role</h1>
        <Skeleton className="mt-4 h-64 w-full rounded-lg" />
      </PageBody>
    </Page>
  );
}

/** An address that names no id is refused, not searched: to the reader it is the same. */
const isNone = (error: unknown) => isMissing(error) || (error instanceof ApiError && error.status === 400);

function NoRole({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Page title="Role">
      {isNone(error) ? (
        <EmptyState
          icon={ShieldX}
          title="This role is not here"
          className="flex-1"
          action={
            <Button asChild>
              <Link to="/roles">Back to the list</Link>
            </Button>
          }
        >
          It was deleted, or the address is wrong.
        </EmptyState>
      ) : (
        <ErrorView error={error} onRetry={onRetry} className="flex-1" />
      )}
    </Page>
  );
}
