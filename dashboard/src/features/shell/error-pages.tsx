import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { ApiError } from "@/api/problem";
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
  // What the server refused may be asked again; a page that failed by itself, or whose file is gone, is loaded anew.
  const isAnswer = error instanceof ApiError;
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <div className="flex min-h-full flex-1 flex-col justify-center">
      <h1 className="sr-only">The page failed</h1>
      <ErrorView
        error={error}
        onRetry={isAnswer ? retry : () => window.location.reload()}
        retryLabel={isAnswer ? "Try again" : "Reload the page"}
      />
    </div>
  );
}
