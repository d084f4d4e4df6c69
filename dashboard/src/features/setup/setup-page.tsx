import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { q } from "@/api/client";
import { ErrorView } from "@/components/feedback";
import { FrontPage } from "@/components/front-page";
import { useHashToken } from "@/components/hash-token";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/panel";
import { SetupForm } from "./setup-form";

export function SetupPage() {
  const token = useHashToken();
  const state = useQuery({ ...q("setup_get", {}), refetchOnWindowFocus: false, staleTime: Number.POSITIVE_INFINITY });
  if (state.isPending) {
    return (
      <FrontPage title="Set up GuruRMM">
        <div className="flex flex-col gap-4">
          {["token", "name", "mail", "password"].map((row) => (
            <Skeleton key={row} className="h-9 w-full" />
          ))}
        </div>
      </FrontPage>
    );
  }
  if (state.error) {
    return (
      <FrontPage title="Set up GuruRMM">
        <ErrorView error={state.error} onRetry={() => void state.refetch()} className="py-4" />
      </FrontPage>
    );
  }
  if (!state.data.open) {
    return (
      <FrontPage
        title="Setup is closed"
        subtitle="This server already has an administrator, and setup never opens again. Ask the administrator for an account."
      >
        <Button variant="primary" asChild className="w-full">
          <Link to="/login">Go to the login</Link>
        </Button>
      </FrontPage>
    );
  }
  return (
    <FrontPage title="Set up GuruRMM" subtitle="Create the first administrator. This can be done once.">
      <SetupForm key={token} token={token} onClosed={() => void state.refetch()} />
    </FrontPage>
  );
}
