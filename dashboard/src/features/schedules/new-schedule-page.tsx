import { useSearch } from "@tanstack/react-router";
import { newRun } from "@/components/script/run-values";
import { ScheduleForm } from "./schedule-form";
import { newSchedule } from "./schedule-values";
import { useStartPlace } from "./use-start-place";

/** The page on which a schedule is made. */
export function NewSchedulePage() {
  const { script_id: scriptId } = useSearch({ from: "/app/schedules/new" });
  const place = useStartPlace();
  return <ScheduleForm key={scriptId ?? ""} start={{ values: newSchedule(place), run: newRun([]), scriptId }} />;
}
