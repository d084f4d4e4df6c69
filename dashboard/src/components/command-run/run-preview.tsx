import type { UseQueryResult } from "@tanstack/react-query";
import { CircleAlert, Monitor, TriangleAlert, UserCheck } from "lucide-react";
import type { ReactNode } from "react";
import type { CommandRunPreview } from "@/api/types";
import { formatCount, plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { leftOutWords } from "./left-out";
import { refusal } from "./refusal";

/** What a run would reach, before it is sent. */
export function RunPreview({ query }: { query: UseQueryResult<CommandRunPreview> }) {
  return (
    <div aria-live="polite" className="flex flex-col gap-1.5 rounded-md bg-subtle px-3 py-2 text-sm">
      {query.data ? <Reach preview={query.data} /> : query.error ? <Failed query={query} /> : <Looking />}
    </div>
  );
}

const Looking = () => <p className="text-soft">Looking which machines it reaches…</p>;

function Failed({ query }: { query: UseQueryResult<CommandRunPreview> }) {
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
      <Line icon={<CircleAlert aria-hidden className="text-bad" />}>
        Which machines it reaches could not be found out. {refusal(query.error)}
      </Line>
      <Button size="sm" onClick={() => void query.refetch()} isPending={query.isFetching}>
        Try again
      </Button>
    </div>
  );
}

interface ReachProps {
  preview: CommandRunPreview;
  /** Of what begins by itself: what follows from its waiting for a second person. */
  approval?: ReactNode;
}

/** How many machines that is, which are left out, and whether somebody has to agree. */
export function Reach({ preview, approval }: ReachProps) {
  const { count, offline, needs_approval, approval_threshold } = preview;
  const leftOut = leftOutWords(preview.refused, "are");
  return (
    <>
      <Line icon={<Monitor aria-hidden className="text-soft" />}>
        {plural(count, "machine is", "machines are")} told
        {offline > 0 && `, ${offline === count ? "all" : `${formatCount(offline)} of them`} offline now`}.
      </Line>
      {leftOut && <Line icon={<TriangleAlert aria-hidden className="text-warn" />}>{leftOut}</Line>}
      {needs_approval && (
        <Line icon={<UserCheck aria-hidden className="text-info" />}>
          {approval ?? (
            <span className="font-medium">
              A second person has to approve this: more than {plural(approval_threshold ?? 0, "machine")}.
            </span>
          )}
        </Line>
      )}
    </>
  );
}

function Line({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p className="flex min-w-0 items-start gap-2 break-words [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0">
      {icon}
      <span className="min-w-0">{children}</span>
    </p>
  );
}
