import "@/styles/tokens.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient, setUnauthenticatedHandler } from "@/api/client";
import { closeEverything } from "@/components/actions";
import { applyTheme } from "@/lib/theme";
import { Toaster } from "@/ui/toaster";
import { TooltipProvider } from "@/ui/tooltip";
import { router } from "./router";

// Style elements that a library adds (the scroll lock of a dialog) pass the content security policy by this nonce.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]');
if (nonce) setNonce(nonce.nonce || nonce.content);

applyTheme();

/** Pages for whoever has no session: there "nobody is logged in" is an answer. */
const BEFORE_LOGIN = new Set(["/login", "/setup", "/join", "/reset"]);

setUnauthenticatedHandler(() => {
  const { href, pathname } = router.state.location;
  if (BEFORE_LOGIN.has(pathname)) return;
  closeEverything();
  queryClient.clear();
  void router.navigate({ to: "/login", search: href === "/" ? {} : { next: href } });
});

const element = document.getElementById("root");
if (element) {
  createRoot(element).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <TooltipProvider>
          <RouterProvider router={router} />
          <Toaster />
        </TooltipProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
