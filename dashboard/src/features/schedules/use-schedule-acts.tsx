import { type ReactNode, useState } from "react";
import { invalidate } from "@/api/client";
import type { Schedule } from "@/api/types";
import { placeOf } from "@/components/can";
import { useCannot } from "@/components/me";
import { useAction } from "@/components/use-action";
import { ConfirmDialog } from "@/ui/dialog";
import { STALE } from "./stale";

export interface ScheduleActs {
  pause: (schedule: Schedule) => void;
  resume: (schedule: Schedule) => void;
  /** Asks first. */
  remove: (schedule: Schedule) => void;
  isPending: boolean;
  dialog: ReactNode;
}

/** What can be done with schedules; `onDeleted` leaves a page that has nothing to show any more. */
export function useScheduleActs(onDeleted?: () => Promise<void>): ScheduleActs {
  const [asked, setAsked] = useState<Schedule>();
  const close = () => setAsked(undefined);
  const pause = useAction("schedule_pause", { stale: STALE, done: ({ name }) => `${name} paused` });
  const resume = useAction("schedule_resume", { stale: STALE, done: ({ name }) => `${name} works again` });
  const remove = useAction("schedule_delete", {
    done: () => `${asked?.name ?? "Schedule"} deleted`,
    after: async () => {
      await onDeleted?.();
      void invalidate(...STALE);
    },
  });
  return {
    pause: ({ id }) => pause.mutate({ path: { id } }),
    resume: ({ id }) => resume.mutate({ path: { id } }),
    remove: setAsked,
    isPending: pause.isPending || resume.isPending,
    dialog: (
      <ConfirmDialog
        isOpen={asked !== undefined}
        onClose={close}
        title={`Delete ${asked?.name}?`}
        confirmLabel="Delete schedule"
        isPending={remove.isPending}
        onConfirm={() => asked && remove.mutate({ path: { id: asked.id } }, { onSettled: close })}
      >
        <p>Nothing begins by it any more. Runs that it has begun stay, and go on.</p>
      </ConfirmDialog>
    ),
  };
}

/** Why the signed-in user may not change it. */
export const useCannotEdit = (schedule: Pick<Schedule, "client_id" | "site_id">): string | undefined =>
  useCannot("schedules.edit", placeOf(schedule));
