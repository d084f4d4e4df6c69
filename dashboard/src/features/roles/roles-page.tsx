import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { q } from "@/api/client";
import { isForbidden } from "@/api/problem";
import type { Role } from "@/api/types";
import { closed } from "@/components/can";
import { ErrorView } from "@/components/feedback";
import { useCannot } from "@/components/me";
import { Page, PageBody } from "@/components/page";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Panel, Skeleton } from "@/ui/panel";

/** What people can be given: the roles that every organisation has, and its own. */
export function RolesPage() {
  const query = useQuery(q("role_list", {}));
  const navigate = useNavigate();
  const cannot = useCannot("roles.edit");
  const roles = query.data?.items ?? [];
  const own = roles.filter((role) => !role.built_in);
  return (
    <Page
      title="Roles"
      subtitle="A role names what somebody may do; people have roles in the whole organisation, on a client or on a site."
      actions={
        <Button disabledReason={cannot} onClick={() => void navigate({ to: "/roles/new" })}>
          <Plus /> New role
        </Button>
      }
    >
      <PageBody>
        {query.error && (!query.data || isForbidden(query.error)) ? (
          <ErrorView error={query.error} onRetry={() => void query.refetch()} />
        ) : !query.data ? (
          <div aria-hidden className="flex max-w-4xl flex-col gap-4">
            <Skeleton className="h-64 rounded-lg" />
            <Skeleton className="h-24 rounded-lg" />
          </div>
        ) : (
          <div className="flex max-w-4xl flex-col gap-4">
            <Panel title="Own roles" bodyClassName="p-0">
              {own.length > 0 ? (
                <RoleRows roles={own} />
              ) : (
                <p className="px-4 py-3.5 text-sm text-soft">
                  None yet. Make one when no built-in role fits, such as one that reads the audit log and nothing else.
                </p>
              )}
            </Panel>
            <Panel title="Built-in roles" bodyClassName="p-0">
              <RoleRows roles={roles.filter((role) => role.built_in)} />
            </Panel>
          </div>
        )}
      </PageBody>
    </Page>
  );
}

function RoleRows({ roles }: { roles: Role[] }) {
  return (
    <ul>
      {roles.map((role) => (
        <li
          key={role.built_in ?? role.id}
          className="grid gap-x-4 border-line border-b px-4 py-2 text-sm last:border-b-0 hover:bg-subtle sm:grid-cols-[minmax(0,1fr)_auto]"
        >
          <div className="min-w-0">
            <Link
              to="/roles/$id"
              params={{ id: role.built_in ?? role.id ?? "" }}
              className="inline-block max-w-full truncate align-middle font-medium leading-6 hover:underline"
            >
              {role.name}
            </Link>
            {role.description && <p className="break-words text-soft text-xs">{role.description}</p>}
          </div>
          <p className="self-center whitespace-nowrap text-soft text-xs">
            {plural(closed(role.permissions).length, "permission")} ·{" "}
            {role.user_count === 0 ? "nobody has it" : plural(role.user_count, "person", "people")}
          </p>
        </li>
      ))}
    </ul>
  );
}
