import { useNavigate } from "@tanstack/react-router";
import { call, queryClient } from "@/api/client";
import { ApiError, explain } from "@/api/problem";
import { toast } from "@/ui/toaster";
import { closeEverything } from "./actions";

/** Ends the session on the server first: a failure must not look like a success. */
export function useLogOut(): () => void {
  const navigate = useNavigate();
  return () => {
    call("auth_logout", {})
      .catch((error: unknown) => {
        if (!(error instanceof ApiError && error.status === 401)) throw error;
      })
      .then(async () => {
        await navigate({ to: "/login" });
        closeEverything();
        queryClient.clear();
      })
      .catch((error: unknown) => {
        const { title, advice } = explain(error);
        toast("failed", `You are still logged in: ${title.toLowerCase()}`, advice);
      });
  };
}
