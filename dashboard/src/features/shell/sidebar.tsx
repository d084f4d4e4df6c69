import { Link, useLocation } from "@tanstack/react-router";
import { LogOut } from "lucide-react";
import { useCannot, useMe } from "@/components/me";
import { useLogOut } from "@/components/use-log-out";
import { IconButton } from "@/ui/button";
import { useNav } from "./nav";
import { ScopeTree } from "./scope-tree";

const HERE = { className: "bg-sidebar-active font-medium", "aria-current": "page" } as const;

/** Where to go, what to look at, who is here. */
export function Sidebar({ onChosen }: { onChosen?: () => void }) {
  const pages = useNav();
  const cannotSee = useCannot("clients.view");
  const path = useLocation({ select: (location) => location.pathname });
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-sidebar text-sidebar-ink">
      <div className="flex h-12 shrink-0 items-center gap-2.5 px-4">
        <img src="/favicon.svg" alt="" className="size-6" />
        <span className="font-semibold text-lg tracking-tight">GuruRMM</span>
      </div>
      <nav aria-label="Main" className="shrink-0 px-2 pb-2">
        <ul className="flex flex-col gap-px">
          {pages
            .filter(({ isElsewhere }) => !isElsewhere)
            .map(({ to, label, icon: Icon, also }) => (
              <li key={to}>
                <Link
                  to={to}
                  onClick={onChosen}
                  activeOptions={{ exact: to === "/", includeSearch: false }}
                  className="flex h-8 items-center gap-2.5 rounded px-2 text-sm hover:bg-sidebar-hover max-md:h-11 [&_svg]:size-4 [&_svg]:text-sidebar-soft"
                  activeProps={HERE}
                  {...(also && path.startsWith(also) ? { inactiveProps: HERE } : {})}
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
      <Who onChosen={onChosen} />
    </div>
  );
}

function Who({ onChosen }: { onChosen: (() => void) | undefined }) {
  const me = useMe();
  const logOut = useLogOut();
  // The settings page has its own button for it.
  const isOnSettings = useLocation({ select: (location) => location.pathname === "/settings" });
  return (
    <div className="flex h-12 shrink-0 items-center gap-2 border-sidebar-line border-t pr-2 pl-4">
      <Link
        to="/account"
        onClick={onChosen}
        className="-ml-2 min-w-0 flex-1 rounded px-2 py-1 leading-4 hover:bg-sidebar-hover"
        activeOptions={{ includeSearch: false }}
        activeProps={{ className: "bg-sidebar-active" }}
      >
        <span className="sr-only">Your account: </span>
        <span className="block truncate font-medium text-sm">{me?.user.name}</span>
        <span className="block truncate text-2xs text-sidebar-soft">{me?.organisation.name}</span>
      </Link>
      {!isOnSettings && (
        <IconButton label="Log out" onClick={logOut} className="hover:bg-sidebar-hover">
          <LogOut />
        </IconButton>
      )}
    </div>
  );
}
