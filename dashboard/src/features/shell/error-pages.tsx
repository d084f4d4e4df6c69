import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { EmptyState, ErrorView } from "@/components/feedback";
import { Button } from "@/ui/button";

export function MissingPage() {
  return (
    <div className="flex min-h-full flex-1 flex-col justify-center">
      <h1 className="sr-only">Page not found</h1>
      <EmptyState
        icon={Compass}
        title="There is no such page"
        action={
          <Button asChild>
            <Link to="/">Go to the first page</Link>
          </Button>
        }
      >
        The address may be mistyped, or what it showed was deleted.
      </EmptyState>
    </div>
  );
}

export function PageFailed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <div className="flex min-h-full flex-1 flex-col justify-center">
      <h1 className="sr-only">The page failed</h1>
      <ErrorView
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </div>
  );
}
