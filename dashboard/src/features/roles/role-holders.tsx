import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { pages } from "@/api/client";
import type { Role } from "@/api/types";
import { inOrder, placeWords } from "@/components/can-words";
import { rowsOf } from "@/components/data-table/data-table";
import { ErrorView } from "@/components/feedback";
import { plural } from "@/lib/format";
import { Panel, Skeleton } from "@/ui/panel";

/** Who has a role, and where. */
export function RoleHolders({ role }: { role: Role }) {
  const list = useInfiniteQuery(pages("user_list", {}, { limit: 200 }));
  const isThis = (grant: { built_in?: string | null; role_id?: string | null }) =>
    role.built_in ? grant.built_in === role.built_in : grant.role_id === role.id;
  const holders = rowsOf(list.data).flatMap((user) => {
    const grants = inOrder(user.grants.filter(isThis));
    return grants.length > 0 ? [{ user, grants }] : [];
  });
  const isSearching = list.hasNextPage && holders.length < role.user_count;
  const { isFetching, fetchNextPage } = list;
  useEffect(() => {
    if (isSearching && !isFetching) void fetchNextPage();
  }, [isSearching, isFetching, fetchNextPage]);
  return (
    <Panel title="Who has it" bodyClassName="p-0" className="self-start">
      {list.error ? (
        <ErrorView error={list.error} onRetry={() => void list.refetch()} />
      ) : !list.data ? (
        <Skeleton className="m-4 h-10" />
      ) : holders.length === 0 && !isSearching ? (
        <p className="px-4 py-3.5 text-sm text-soft">Nobody yet. It is given on a person's page.</p>
      ) : (
        <ul>
          {holders.map(({ user, grants }) => (
            <li key={user.id} className="border-line border-b px-4 py-2 text-sm last:border-b-0">
              <Link
                to="/users/$id"
                params={{ id: user.id }}
                className="inline-block max-w-full truncate align-middle font-medium leading-6 hover:underline"
              >
                {user.name}
              </Link>
              {user.status === "suspended" && <p className="text-warn text-xs">suspended</p>}
              {grants.map((grant) => (
                <p
                  key={grant.id}
                  className={grant.effect === "deny" ? "break-words text-bad text-xs" : "break-words text-soft text-xs"}
                >
                  {grant.effect === "deny" && "denied "}
                  {placeWords(grant)}
                </p>
              ))}
            </li>
          ))}
          {isSearching && (
            <li className="px-4 py-2 text-soft text-xs">
              Looking for the other {plural(role.user_count - holders.length, "person", "people")}…
            </li>
          )}
        </ul>
      )}
    </Panel>
  );
}
