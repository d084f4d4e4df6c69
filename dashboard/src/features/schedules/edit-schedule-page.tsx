import { useQueries, useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { q } from "@/api/client";
import type { ScheduleDetails } from "@/api/types";
import type { Machine } from "@/components/each-machine";
import { machineOf } from "@/components/enrolment/machine-act";
import { sentence } from "@/components/form";
import { toast } from "@/ui/toaster";
import { NoSchedule, ScheduleLoading } from "./no-schedule";
import { ScheduleForm } from "./schedule-form";
import { runValues, scheduleValues } from "./schedule-values";

/** The page on which a schedule is changed. Another is another page: nothing goes over from one to the other. */
export function EditSchedulePage() {
  const { id } = useParams({ from: "/app/schedules/$id/edit" });
  return <Edited key={id} id={id} />;
}

function Edited({ id }: { id: string }) {
  const [loads, setLoads] = useState(0);
  const query = useQuery({ ...q("schedule_get", { path: { id } }), staleTime: 0 });
  if (query.error && !query.data) return <NoSchedule error={query.error} onRetry={() => void query.refetch()} />;
  // What was read before may have changed since: nobody should begin with that.
  if (!query.data || !query.isFetchedAfterMount) return <ScheduleLoading />;
  const load = async () => {
    const { error } = await query.refetch();
    if (error) toast("failed", sentence(error));
    else setLoads((count) => count + 1);
  };
  return <WithNames key={loads} read={query.data} onLoad={load} />;
}

/** As many names as are shown. */
const NAMED = 5;

/** What was read once: a change by somebody else does not go into what is being written, but is told. */
function WithNames({ read, onLoad }: { read: ScheduleDetails; onLoad: () => Promise<void> }) {
  const { version } = useSearch({ from: "/app/schedules/$id/edit" });
  const [old] = useState(read);
  const ids = "ids" in old.targets ? old.targets.ids : [];
  const named = useQueries({ queries: ids.slice(0, NAMED).map((id) => q("agent_get", { path: { id } })) });
  if (named.some(({ isPending }) => isPending)) return <ScheduleLoading />;
  const machines = ids.map((id, index): Machine => {
    const agent = named[index]?.data;
    return agent ? machineOf(agent) : { id, name: "a machine that is not there any more" };
  });
  return (
    <ScheduleForm
      start={{
        values: scheduleValues(old, machines),
        run: runValues(old),
        scriptId: old.script_id,
        number: version ?? old.script_version,
      }}
      old={old}
      changed={{ isSeen: read.digest !== old.digest, load: onLoad }}
    />
  );
}
