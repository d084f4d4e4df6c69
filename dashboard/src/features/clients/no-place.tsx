import { Link } from "@tanstack/react-router";
import { MapPinOff } from "lucide-react";
import { isMissing } from "@/api/problem";
import { EmptyState, ErrorView } from "@/components/feedback";
import { Page, PageBody } from "@/components/page";
import { Button } from "@/ui/button";
import { Skeleton } from "@/ui/panel";

interface PlaceProps {
  noun: "client" | "site";
}

const TITLE = { client: "Client", site: "Site" };

/** In place of a client or a site that is not there, or could not be read. */
export function NoPlace({ noun, error, onRetry }: PlaceProps & { error: unknown; onRetry: () => void }) {
  return (
    <Page title={TITLE[noun]}>
      {isMissing(error) ? (
        <EmptyState
          icon={MapPinOff}
          title={`This ${noun} is not here`}
          className="flex-1"
          action={
            <Button asChild>
              <Link to="/clients" search={{ client_id: undefined, site_id: undefined }}>
                Back to the list
              </Link>
            </Button>
          }
        >
          It was deleted, or the address is wrong.
        </EmptyState>
      ) : (
        <ErrorView error={error} onRetry={onRetry} className="flex-1" />
      )}
    </Page>
  );
}

export function PlaceLoading({ noun }: PlaceProps) {
  return (
    <Page title={TITLE[noun]} heading={<Skeleton className="h-6 w-56" />}>
      <PageBody>
        <h1 className="sr-only">{TITLE[noun]}</h1>
        <Skeleton className="mt-10 h-40 w-full" />
      </PageBody>
    </Page>
  );
}
