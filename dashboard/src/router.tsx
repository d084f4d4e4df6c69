import { createRouter } from "@tanstack/react-router";
import { MissingPage, PageFailed } from "@/features/shell/error-pages";
import { parseSearch, stringifySearch } from "@/lib/search-params";
import { routeTree } from "@/routes/tree";

export const router = createRouter({
  routeTree,
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultNotFoundComponent: MissingPage,
  defaultErrorComponent: PageFailed,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
