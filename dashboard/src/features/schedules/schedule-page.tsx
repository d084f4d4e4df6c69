import { useIsMutating, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Pause, Pencil, Play, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { q } from "@/api/client";
import { isForbidden, isMissing } from "@/api/problem";
import type { Schedule, ScheduleDetails } from "@/api/types";
import { AuditTable } from "@/components/audit-table";
import { placeOf } from "@/components/can";
import { GivenPanel } from "@/components/command/given-panel";
import { useCannot } from "@/components/me";
import { Page, PageBody } from "@/components/page";
import { ScheduleStatus } from "@/components/status";
import { Time } from "@/components/time";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { Tabs } from "@/ui/tabs";
import { ApprovalCard } from "./approval-card";
import { NextTimes } from "./next-times";
import { NoSchedule, ScheduleLoading } from "./no-schedule";
import { RunsTab } from "./runs-tab";
import { ScheduleBanners } from "./schedule-banners";
import { ScheduleFacts } from "./schedule-facts";
import { placeWords } from "./schedule-words";
import type { ScheduleTab } from "./search";
import { useCannotEdit, useScheduleActs } from "./use-schedule-acts";

/** One schedule. Another is another page: no dialog goes over from one to the other. */
export function SchedulePage() {
  const { id } = useParams({ from: "/app/schedules/$id" });
  return <OneSchedule key={id} id={id} />;
}

function OneSchedule({ id }: { id: string }) {
  const isLeaving = useIsMutating({ mutationKey: ["schedule_delete"] }) > 0;
  const query = useQuery({ ...q("schedule_get", { path: { id } }), enabled: !isLeaving });
  const schedule = query.data;
  if (query.error && (!schedule || isMissing(query.error) || isForbidden(query.error))) {
    return <NoSchedule error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (!schedule) return <ScheduleLoading />;
  return (
    <Page
      isHeadingLong
      title={schedule.name}
      heading={<Heading schedule={schedule} />}
      subtitle={<Subtitle schedule={schedule} />}
      actions={<Actions schedule={schedule} />}
    >
      <ScheduleTabs schedule={schedule} />
    </Page>
  );
}

function Heading({ schedule }: { schedule: Schedule }) {
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5">
      <h1 title={schedule.name} className="min-w-0 truncate font-semibold text-xl">
        {schedule.name}
      </h1>
      <span role="status">
        <ScheduleStatus status={schedule.status} className="text-sm" />
      </span>
    </div>
  );
}

function Subtitle({ schedule }: { schedule: Schedule }) {
  return (
    <p className="flex min-w-0 flex-wrap gap-x-2">
      <span>{schedule.sentence}</span>
      <span aria-hidden>·</span>
      <span className="min-w-0 break-words">{placeWords(schedule)}</span>
      {schedule.next_at && (
        <>
          <span aria-hidden>·</span>
          <span>
            next <Time value={schedule.next_at} />
          </span>
        </>
      )}
    </p>
  );
}

function Actions({ schedule }: { schedule: Schedule }) {
  const navigate = useNavigate();
  const cannot = useCannotEdit(schedule);
  const acts = useScheduleActs(() => navigate({ to: "/schedules" }));
  return (
    <>
      {schedule.status === "active" ? (
        <Button disabledReason={cannot} isPending={acts.isPending} onClick={() => acts.pause(schedule)}>
          <Pause /> Pause
        </Button>
      ) : (
        <Button disabledReason={cannot} isPending={acts.isPending} onClick={() => acts.resume(schedule)}>
          <Play /> Resume
        </Button>
      )}
      <EditButton id={schedule.id} cannot={cannot} />
      <Button variant="danger" disabledReason={cannot} onClick={() => acts.remove(schedule)}>
        <Trash2 /> Delete…
      </Button>
      {acts.dialog}
    </>
  );
}

function EditButton({ id, cannot }: { id: string; cannot: string | undefined }) {
  if (cannot) {
    return (
      <Button disabledReason={cannot}>
        <Pencil /> Edit
      </Button>
    );
  }
  return (
    <Button asChild>
      <Link to="/schedules/$id/edit" params={{ id }}>
        <Pencil /> Edit
      </Link>
    </Button>
  );
}

function ScheduleTabs({ schedule }: { schedule: ScheduleDetails }) {
  const { tab = "overview" } = useSearch({ from: "/app/schedules/$id" });
  const navigate = useNavigate({ from: "/schedules/$id" });
  const cannotSeeRuns = useCannot("commands.view");
  const cannotAudit = useCannot("audit.view", placeOf(schedule));
  const tabs: { value: ScheduleTab; label: string; content: ReactNode }[] = [
    { value: "overview", label: "Overview", content: <Overview schedule={schedule} /> },
    ...(cannotSeeRuns ? [] : [{ value: "runs" as const, label: "Runs", content: <RunsTab schedule={schedule} /> }]),
    ...(cannotAudit
      ? []
      : [
          {
            value: "audit" as const,
            label: "Audit",
            content: (
              <AuditTable
                query={{ target_id: schedule.id }}
                emptyTitle="Nothing was done to this schedule yet"
                className="border-t-0"
              />
            ),
          },
        ]),
  ];
  return (
    <Tabs<ScheduleTab>
      label="Schedule"
      value={tabs.some(({ value }) => value === tab) ? tab : "overview"}
      onValue={(next) =>
        void navigate({
          search: (before) => ({ ...before, tab: next === "overview" ? undefined : next }),
          replace: true,
        })
      }
      tabs={tabs}
    />
  );
}

function Overview({ schedule }: { schedule: ScheduleDetails }) {
  return (
    <PageBody className="flex flex-col gap-4 pt-4">
      <ScheduleBanners schedule={schedule} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_25rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title="Next times">
            {schedule.next.length > 0 ? (
              <NextTimes next={schedule.next} />
            ) : (
              <p className="text-sm text-soft">{whyNoTimes(schedule)}</p>
            )}
          </Panel>
          <GivenPanel command={{ arguments: [], variables: [], parameters: schedule.parameters }} />
          <ApprovalCard schedule={schedule} />
        </div>
        <ScheduleFacts schedule={schedule} />
      </div>
    </PageBody>
  );
}

function whyNoTimes({ status, trigger }: Schedule): string {
  if (status !== "active") return "None while it does not work.";
  if (trigger.kind !== "cron") return "Machines set it off, not the clock.";
  return "None is to come: its place has no site yet, or no such day comes in the next eight years.";
}
