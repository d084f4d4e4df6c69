import * as z from "zod/mini";
import { SCHEDULE_STATUSES } from "@/components/status";

export const SCHEDULE_TABS = ["overview", "runs", "audit"] as const;
export type ScheduleTab = (typeof SCHEDULE_TABS)[number];

const text = z.catch(z.optional(z.string()), undefined);

export const schedulesSearch = z.object({
  search: text,
  status: z.catch(z.optional(z.enum(SCHEDULE_STATUSES)), undefined),
});

export const scheduleSearch = z.object({ tab: z.catch(z.optional(z.enum(SCHEDULE_TABS)), undefined) });

/** Of the page of a new one: which script it is for. */
export const newScheduleSearch = z.object({ script_id: text });

/** Of the page of changes: the version of the script that it is to run from now on. */
export const editScheduleSearch = z.object({
  version: z.catch(z.optional(z.coerce.number().check(z.int(), z.positive())), undefined),
});
