import { Link, useLocation } from "@tanstack/react-router";
import { LogOut } from "lucide-react";
import { useCannot, useMe } from "@/components/me";
import { useLogOut } from "@/components/use-log-out";
import { IconButton } from "@/ui/button";
import { useNav } from "./nav";
import { ScopeTree } from "./scope-tree";

/** Where to go, what to look at, who is here. */
export function Sidebar({ onChosen }: { onChosen?: () => void }) {
  const pages = useNav();
  const cannotSee = useCannot("clients.view");
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-sidebar text-sidebar-ink">
      <div className="flex h-12 shrink-0 items-center gap-2.5 px-4">
        <img src="/favicon.svg" alt="" className="size-6" />
        <span className="font-semibold text-lg tracking-tight">GuruRMM</span>
      </div>
      <nav aria-label="Main" className="shrink-0 px-2 pb-2">
        <ul className="flex flex-col gap-px">
          {pages.map(({ to, label, icon: Icon }) => (
            <li key={to}>
              <Link
                to={to}
                onClick={onChosen}
                activeOptions={{ exact: to === "/", includeSearch: false }}
                className="flex h-8 items-center gap-2.5 rounded px-2 text-sm hover:bg-sidebar-hover max-md:h-11 [&_svg]:size-4 [&_svg]:text-sidebar-soft"
                activeProps={{ className: "bg-sidebar-active font-medium", "aria-current": "page" }}
              >
                <Icon aria-hidden />
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="mx-4 border-sidebar-line border-t" />
      {cannotSee ? <div className="flex-1" /> : <ScopeTree {...(onChosen ? { onChosen } : {})} />}
      <Who />
    </div>
  );
}

function Who() {
  const me = useMe();
  const logOut = useLogOut();
  // The settings page has its own button for it.
  const isOnSettings = useLocation({ select: (location) => location.pathname === "/settings" });
  return (
    <div className="flex h-12 shrink-0 items-center gap-2 border-sidebar-line border-t pr-2 pl-4">
      <div className="min-w-0 flex-1 leading-4">
        <p className="truncate font-medium text-sm">{me?.user.name}</p>
        <p className="truncate text-2xs text-sidebar-soft">{me?.organisation.name}</p>
      </div>
      {!isOnSettings && (
        <IconButton label="Log out" onClick={logOut} className="hover:bg-sidebar-hover">
          <LogOut />
        </IconButton>
      )}
    </div>
  );
}
