import { Link } from "@tanstack/react-router";
import { FileCode, Pause, ShieldAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Schedule } from "@/api/types";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";
import { useCannotEdit } from "./use-schedule-acts";

/** What somebody should know, or do, before anything else on the page. */
export function ScheduleBanners({ schedule }: { schedule: Schedule }) {
  return (
    <div className="flex flex-col gap-3 empty:hidden">
      {schedule.status === "suspended" && <Suspended schedule={schedule} />}
      {schedule.status === "paused" && (
        <Banner icon={<Pause aria-hidden className="text-soft" />} className="bg-subtle text-soft">
          It is paused. What comes meanwhile is not made up for.
        </Banner>
      )}
      <OtherVersion schedule={schedule} />
    </div>
  );
}

interface BannerProps {
  icon: ReactNode;
  children: ReactNode;
  action?: ReactNode;
  className?: string;
}

function Banner({ icon, children, action, className }: BannerProps) {
  return (
    <div
      role="status"
      className={cn(
        "flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn",
        className,
      )}
    >
      <span className="flex min-w-0 flex-1 basis-64 items-start gap-2 [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0">
        {icon}
        <span className="min-w-0 break-words">{children}</span>
      </span>
      {action}
    </div>
  );
}

function Suspended({ schedule }: { schedule: Schedule }) {
  return (
    <Banner icon={<ShieldAlert aria-hidden />}>
      <span className="font-medium">It is suspended and begins nothing. {schedule.status_reason}</span> Mend what is in
      its way and resume it, or edit and save it: from then on it works in your name.
    </Banner>
  );
}

function OtherVersion({ schedule }: { schedule: Schedule }) {
  const cannot = useCannotEdit(schedule);
  const { id, script_version: runs, script_approved_version: approved } = schedule;
  if (!approved || approved === runs) return null;
  const label = `Use version ${approved}`;
  return (
    <Banner
      icon={<FileCode aria-hidden />}
      action={
        cannot ? (
          <Button size="sm" disabledReason={cannot}>
            {label}
          </Button>
        ) : (
          <Button size="sm" asChild>
            <Link to="/schedules/$id/edit" params={{ id }} search={{ version: approved }}>
              {label}
            </Link>
          </Button>
        )
      }
    >
      Version {approved} of its script is the approved one, but version {runs} runs.
    </Banner>
  );
}
