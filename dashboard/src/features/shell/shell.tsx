import { Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { queryClient } from "@/api/client";
import { onLiveBroken, startLive } from "@/api/live";
import { connectLiveCache } from "@/api/live-cache";
import { useMe } from "@/components/me";
import { ScopeGate } from "@/components/scope-gate";
import { useIsNarrow } from "@/lib/hooks";
import { Drawer } from "@/ui/dialog";
import { AppDialogs } from "./app-dialogs";
import { NAV } from "./nav";
import { Palette } from "./palette";
import { Sidebar } from "./sidebar";
import { StoppedBanner } from "./stopped-banner";
import { TopBar } from "./top-bar";

/** The pages that the chosen client or site narrows. */
const SCOPED = new Set<string>(NAV.filter(({ isUnscoped }) => !isUnscoped).map(({ to }) => to));

function useLive(): void {
  useEffect(() => {
    const disconnect = connectLiveCache(queryClient);
    const stop = startLive();
    // A stream that does not open may mean an ended session: the answer to "who am I" tells. It is asked at every attempt,
    // since the session may have ended while the server was away and could not say so.
    const off = onLiveBroken(
      () => void queryClient.invalidateQueries({ queryKey: ["auth_me"] }, { cancelRefetch: false }),
    );
    return () => {
      off();
      stop();
      disconnect();
    };
  }, []);
}

/** Another tab may have entered another organisation: what this one holds is not of it. */
function useOneOrganisation(): void {
  const id = useMe()?.organisation.id;
  const first = useRef(id);
  useEffect(() => {
    first.current ??= id;
    if (id && first.current !== id) window.location.assign("/");
  }, [id]);
}

/** The frame around every page behind the login. */
export function Shell() {
  useLive();
  useOneOrganisation();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const isNarrow = useIsNarrow();
  const path = useLocation({ select: (location) => location.pathname });
  const main = useRef<HTMLElement>(null);
  const lastPath = useRef(path);
  useEffect(() => {
    if (lastPath.current === path) return;
    lastPath.current = path;
    // A reader without a screen starts at the new page, not at the link in the sidebar.
    main.current?.focus({ preventScroll: true });
  }, [path]);
  const closeMenu = () => setMenuOpen(false);
  return (
    <div className="flex h-dvh min-w-0 overflow-hidden">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-60 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2 focus:shadow-pop"
      >
        Skip to the page
      </a>
      {isNarrow ? (
        <Drawer isOpen={isMenuOpen} onClose={closeMenu} title="Navigation">
          <Sidebar onChosen={closeMenu} />
        </Drawer>
      ) : (
        <aside aria-label="Navigation" className="flex w-60 shrink-0 flex-col border-sidebar-line border-r">
          <Sidebar />
        </aside>
      )}
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar onMenu={() => setMenuOpen(true)} />
        <StoppedBanner />
        <main ref={main} id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none">
          {SCOPED.has(path) ? (
            <ScopeGate>
              <Outlet />
            </ScopeGate>
          ) : (
            <Outlet />
          )}
        </main>
      </div>
      <Palette />
      <AppDialogs />
    </div>
  );
}
