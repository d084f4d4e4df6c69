import { QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  type RouteComponent,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { queryClient } from "@/api/client";
import { parseSearch, stringifySearch } from "@/lib/search-params";
import { Toaster } from "@/ui/toaster";
import { TooltipProvider } from "@/ui/tooltip";

interface PageUnderTest {
  /** The pattern of its address, as in the map of routes. */
  path: string;
  component: RouteComponent;
  validateSearch?: object;
}

/** Opens one page of the signed-in part at an address, alone; returns the way to other addresses of it. */
export function openPage({ path, component, validateSearch }: PageUnderTest, address: string): (to: string) => void {
  const root = createRootRoute();
  const app = createRoute({ getParentRoute: () => root, id: "app", component: Outlet });
  const page = createRoute({
    getParentRoute: () => app,
    path,
    component,
    ...(validateSearch ? { validateSearch: validateSearch as never } : {}),
  });
  const router = createRouter({
    routeTree: root.addChildren([app.addChildren([page])]),
    history: createMemoryHistory({ initialEntries: [address] }),
    parseSearch,
    stringifySearch,
  });
  render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <RouterProvider router={router as never} />
        <Toaster />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return (to) => router.history.push(to);
}
