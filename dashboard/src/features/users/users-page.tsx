import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { SearchX, Users } from "lucide-react";
import { pages } from "@/api/client";
import type { Member } from "@/api/types";
import { CELL_LINK, type Column } from "@/components/data-table/column";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { GrantsLine } from "@/components/grant-line";
import { useMe } from "@/components/me";
import { FilterBar, Page } from "@/components/page";
import { MemberStatus } from "@/components/status";
import { Time } from "@/components/time";
import { useSearchText } from "@/components/use-search-text";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";
import { SearchInput } from "@/ui/input";

const userId = (user: Member) => user.id;
const userName = (user: Member) => user.name;

function Name({ user, className }: { user: Member; className?: string }) {
  const isOwn = useMe()?.user.id === user.id;
  return (
    <Link
      to="/users/$id"
      params={{ id: user.id }}
      title={user.name}
      className={cn(CELL_LINK, "font-medium", className)}
    >
      {user.name}
      {isOwn && <span className="ml-1.5 font-normal text-soft">you</span>}
    </Link>
  );
}

const COLUMNS: Column<Member>[] = [
  { id: "name", header: "Name", width: 180, isGrowing: true, cell: (user) => <Name user={user} /> },
  {
    id: "email",
    header: "E-mail",
    width: 200,
    isGrowing: true,
    cell: (user) => (
      <span title={user.email} className="text-soft">
        {user.email}
      </span>
    ),
  },
  { id: "roles", header: "Roles", width: 260, isGrowing: true, cell: (user) => <GrantsLine grants={user.grants} /> },
  { id: "status", header: "Status", width: 110, cell: (user) => <MemberStatus status={user.status} /> },
  { id: "login", header: "Last login", width: 110, cell: (user) => <Time value={user.last_login_at} empty="never" /> },
];

/** Who works here, and what they were given. */
export function UsersPage() {
  const { search } = useSearch({ from: "/app/users" });
  const navigate = useNavigate({ from: "/users" });
  const setSearch = (next: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, search: next }), replace: true });
  const [text, setText] = useSearchText(search, setSearch);
  const list = useInfiniteQuery(pages("user_list", search ? { search } : {}));
  return (
    <Page title="People" subtitle="Who works here, and what each may do.">
      <FilterBar>
        <SearchInput
          value={text}
          onValue={setText}
          aria-label="Search people"
          placeholder="Name or e-mail"
          className="w-64 max-sm:w-full"
        />
      </FilterBar>
      <DataTable
        label="People"
        noun="people"
        query={list}
        view={search}
        columns={COLUMNS}
        rowId={userId}
        rowLabel={userName}
        compact={(user) => <UserCompact user={user} />}
        onRow={(user) => void navigate({ to: "/users/$id", params: { id: user.id } })}
        empty={
          search ? (
            <EmptyState
              icon={SearchX}
              title="Nothing matches"
              action={<Button onClick={() => setSearch(undefined)}>Show everybody</Button>}
            >
              Nobody has “{search}” in their name or address.
            </EmptyState>
          ) : (
            <EmptyState icon={Users} title="Nobody is here">
              People appear here once they have joined.
            </EmptyState>
          )
        }
      />
    </Page>
  );
}

function UserCompact({ user }: { user: Member }) {
  return (
    <>
      <div className="flex items-center gap-2">
        <Name user={user} className="flex-1 text-base" />
        {user.status !== "active" && <MemberStatus status={user.status} className="text-xs" />}
      </div>
      <p className="truncate text-soft text-xs">
        <GrantsLine grants={user.grants} />
      </p>
    </>
  );
}
