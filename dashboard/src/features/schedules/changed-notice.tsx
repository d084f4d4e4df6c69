import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { ScheduleDetails } from "@/api/types";
import { Button } from "@/ui/button";

interface ChangedNoticeProps {
  /** As it was when one began. */
  old: ScheduleDetails;
  load: () => Promise<void>;
}

/** Says that somebody has changed the schedule while it was being written, and offers what they have made of it. */
export function ChangedNotice({ old, load }: ChangedNoticeProps) {
  const [isLoading, setLoading] = useState(false);
  const onLoad = () => {
    setLoading(true);
    void load().finally(() => setLoading(false));
  };
  return (
    <div role="alert" className="flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <p className="break-words">
          {old.name} has changed since you began. What you have written is still here, and not saved.
        </p>
        <div className="flex flex-wrap gap-2">
          <Button asChild size="sm">
            <Link to="/schedules/$id" params={{ id: old.id }} target="_blank">
              Look at it in a new tab
            </Link>
          </Button>
          <Button size="sm" isPending={isLoading} onClick={onLoad}>
            Load it, drop mine
          </Button>
        </div>
      </div>
    </div>
  );
}
