import { useNavigate } from "@tanstack/react-router";
import { CalendarClock, Pause, Pencil, Play, Trash2 } from "lucide-react";
import type { Schedule } from "@/api/types";
import { MenuItem } from "@/ui/menu";
import { type ScheduleActs, useCannotEdit } from "./use-schedule-acts";

interface ScheduleMenuProps {
  schedule: Schedule;
  acts: ScheduleActs;
}

/** What can be done with a schedule of the list. */
export function ScheduleMenu({ schedule, acts }: ScheduleMenuProps) {
  const navigate = useNavigate();
  const cannot = useCannotEdit(schedule);
  const params = { id: schedule.id };
  return (
    <>
      <MenuItem onSelect={() => void navigate({ to: "/schedules/$id", params })}>
        <CalendarClock /> Open
      </MenuItem>
      <MenuItem disabledReason={cannot} onSelect={() => void navigate({ to: "/schedules/$id/edit", params })}>
        <Pencil /> Edit…
      </MenuItem>
      {schedule.status === "active" ? (
        <MenuItem disabledReason={cannot} onSelect={() => acts.pause(schedule)}>
          <Pause /> Pause
        </MenuItem>
      ) : (
        <MenuItem disabledReason={cannot} onSelect={() => acts.resume(schedule)}>
          <Play /> Resume
        </MenuItem>
      )}
      <MenuItem isDanger disabledReason={cannot} onSelect={() => acts.remove(schedule)}>
        <Trash2 /> Delete…
      </MenuItem>
    </>
  );
}
