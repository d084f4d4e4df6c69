import { useNavigate, useRouter } from "@tanstack/react-router";

/** Leaves the page of a machine that is not there any more, before anything reads it again. From elsewhere nothing is left. */
export function useLeave(id: string): (to: "/machines" | "/enrolment") => Promise<void> {
  const router = useRouter();
  const navigate = useNavigate();
  return async (to) => {
    if (router.state.location.pathname === `/machines/${id}`) await navigate({ to });
  };
}
