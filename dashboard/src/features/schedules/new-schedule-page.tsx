import { useSearch } from "@tanstack/react-router";
import { ORGANISATION } from "@/components/can";
import { useFullScope } from "@/components/scope";
import { newRun } from "@/components/script/run-values";
import { ScheduleForm } from "./schedule-form";
import { newSchedule } from "./schedule-values";

/** The page on which a schedule is made; the client or site that is looked at is where it works, unless another is chosen. */
export function NewSchedulePage() {
  const { script_id: scriptId } = useSearch({ from: "/app/schedules/new" });
  const { client_id: clientId, site_id: siteId } = useFullScope();
  const place = clientId ? { clientId, ...(siteId ? { siteId } : {}) } : ORGANISATION;
  return <ScheduleForm key={scriptId ?? ""} start={{ values: newSchedule(place), run: newRun([]), scriptId }} />;
}
