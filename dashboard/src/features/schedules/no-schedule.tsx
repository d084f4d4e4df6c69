import { Link } from "@tanstack/react-router";
import { CalendarX2 } from "lucide-react";
import { ApiError, isMissing } from "@/api/problem";
import { EmptyState, ErrorView } from "@/components/feedback";
import { Page, PageBody } from "@/components/page";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/panel";

/** An address that names no id is refused, not searched: to the reader it is the same. */
const isNone = (error: unknown) => isMissing(error) || (error instanceof ApiError && error.status === 400);

/** In place of a schedule that is not there, or could not be read. */
export function NoSchedule({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Page title="Schedule">
      {isNone(error) ? (
        <EmptyState
          icon={CalendarX2}
          title="This schedule is not here"
          className="flex-1"
          action={
            <Button asChild>
              <Link to="/schedules">Back to the list</Link>
            </Button>
          }
        >
          It was deleted, you may not see it, or the address is wrong.
        </EmptyState>
      ) : (
        <ErrorView error={error} onRetry={onRetry} className="flex-1" />
      )}
    </Page>
  );
}

export function ScheduleLoading() {
  return (
    <Page title="Schedule" heading={<Skeleton className="h-6 w-56" />}>
      <PageBody>
        <h1 className="sr-only">Schedule</h1>
        <div aria-busy="true" className="mt-10 grid gap-4 xl:grid-cols-[minmax(0,1fr)_25rem]">
          <Skeleton className="h-72 w-full rounded-lg" />
          <Skeleton className="h-72 w-full rounded-lg" />
        </div>
      </PageBody>
    </Page>
  );
}
