import { useIsMutating, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { UserX } from "lucide-react";
import { q } from "@/api/client";
import { isForbidden, isMissing } from "@/api/problem";
import type { Member } from "@/api/types";
import { AccessView } from "@/components/access-view";
import { ApiKeyTable } from "@/components/api-key-table";
import { AuditTable } from "@/components/audit-table";
import { ORGANISATION } from "@/components/can";
import { EmptyState, ErrorView } from "@/components/feedback";
import { useCannot, useMe } from "@/components/me";
import { Page, PageBody } from "@/components/page";
import { MemberStatus } from "@/components/status";
import { Time } from "@/components/time";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/panel";
import { Tabs } from "@/ui/tabs";
import { GrantsTab } from "./grants-tab";
import type { UserTab } from "./search";
import { SignInsTab } from "./sign-ins-tab";
import { UserActions } from "./user-actions";

/** One person. Another is another page: no dialog goes over from one to the other. */
export function UserPage() {
  const { id } = useParams({ from: "/app/users/$id" });
  return <User key={id} id={id} />;
}

function User({ id }: { id: string }) {
  const isLeaving = useIsMutating({ mutationKey: ["user_remove"] }) > 0;
  const query = useQuery({ ...q("user_get", { path: { id } }), enabled: !isLeaving });
  const user = query.data;
  if (query.error && (!user || isMissing(query.error) || isForbidden(query.error)))
    return <NoUser error={query.error} onRetry={() => void query.refetch()} />;
  if (!user) {
    return (
      <Page title="Person" heading={<Skeleton className="h-6 w-56" />}>
        <PageBody>
          <h1 className="sr-only">Person</h1>
          <Skeleton className="mt-10 h-40 w-full" />
        </PageBody>
      </Page>
    );
  }
  return (
    <Page
      title={user.name}
      heading={
        <div className="flex flex-wrap items-center gap-x-3">
          <h1 title={user.name} className="min-w-0 truncate font-semibold text-xl">
            {user.name}
          </h1>
          <MemberStatus status={user.status} />
        </div>
      }
      subtitle={
        <p className="flex min-w-0 flex-wrap gap-x-2">
          <span className="min-w-0 break-all">{user.email}</span>
          <span aria-hidden>·</span>
          <span>
            last login <Time value={user.last_login_at} empty="never" />
          </span>
          <span aria-hidden>·</span>
          <span>
            joined <Time value={user.created_at} />
          </span>
        </p>
      }
      actions={<UserActions user={user} />}
    >
      <UserTabs user={user} />
    </Page>
  );
}

function UserTabs({ user }: { user: Member }) {
  const { tab = "roles", at_client, at_site, show } = useSearch({ from: "/app/users/$id" });
  const navigate = useNavigate({ from: "/users/$id" });
  const isOwn = useMe()?.user.id === user.id;
  const cannotAudit = useCannot("audit.view", ORGANISATION);
  const cannotSeeKeys = useCannot("api_keys.edit");
  const isShown = (wanted: UserTab) =>
    !(wanted === "audit" && cannotAudit) && !(wanted === "api-keys" && cannotSeeKeys);
  const set = (change: object) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <Tabs<UserTab>
      label="Person"
      value={isShown(tab) ? tab : "roles"}
      onValue={(next) => set({ tab: next === "roles" ? undefined : next })}
      tabs={[
        {
          value: "roles",
          label: "Roles",
          content: (
            <PageBody className="pt-4">
              <GrantsTab user={user} />
            </PageBody>
          ),
        },
        {
          value: "access",
          label: "What they may do",
          content: (
            <PageBody className="pt-4">
              <AccessView
                userId={user.id}
                who={isOwn ? "you" : user.name}
                place={{ clientId: at_client, siteId: at_site }}
                onPlace={({ clientId, siteId }) => set({ at_client: clientId, at_site: siteId })}
                filter={show}
                onFilter={(next) => set({ show: next })}
              />
            </PageBody>
          ),
        },
        {
          value: "sign-ins",
          label: "Sign-ins",
          content: (
            <PageBody className="pt-4">
              <SignInsTab user={user} />
            </PageBody>
          ),
        },
        ...(cannotSeeKeys
          ? []
          : [
              {
                value: "api-keys" as const,
                label: "API keys",
                content: (
                  <ApiKeyTable
                    query={{ user_id: user.id }}
                    isOfOne
                    className="border-t-0"
                    emptyText={`${user.name} has made no API key here.`}
                  />
                ),
              },
            ]),
        ...(cannotAudit
          ? []
          : [{ value: "audit" as const, label: "Audit", content: <UserAudit key={user.id} user={user} /> }]),
      ]}
    />
  );
}

/** What was done to their account. What they did themselves is found on the audit page. */
function UserAudit({ user }: { user: Member }) {
  return <AuditTable query={{ target_id: user.id }} emptyTitle="Nothing was changed here yet" className="border-t-0" />;
}

function NoUser({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Page title="Person">
      {isMissing(error) ? (
        <EmptyState
          icon={UserX}
          title="This person is not here"
          className="flex-1"
          action={
            <Button asChild>
              <Link to="/users">Back to the list</Link>
            </Button>
          }
        >
          They left or were removed, or the address is wrong.
        </EmptyState>
      ) : (
        <ErrorView error={error} onRetry={onRetry} className="flex-1" />
      )}
    </Page>
  );
}
