import type { Schedule, ScheduleDetails } from "@/api/types";

const TIME = "2026-01-02T03:04:05Z";

/** A schedule of a list: a script every night, everywhere. */
export const scheduleOf = (more: Partial<Schedule> = {}): Schedule => ({
  id: "h1",
  name: "Nightly",
  client_id: null,
  client_name: null,
  site_id: null,
  site_name: null,
  trigger: { kind: "cron", timing: "0 3 * * *", time_zone: null, missed: "skip", missed_within_minutes: 720 },
  sentence: "At 03:00 every day",
  targets: { filter: {} },
  script_id: "s1",
  script_name: "Disk space",
  script_version: 2,
  script_approved_version: 2,
  parameters: {},
  pace: { mode: "parallel" },
  expires_in_seconds: null,
  status: "active",
  status_reason: null,
  machines_max: null,
  approved_by_name: null,
  approved_at: null,
  next_at: "2026-01-03T02:00:00Z",
  last_due_at: null,
  last_outcome: null,
  last_reason: null,
  created_by_name: "Technician Two",
  created_at: TIME,
  changed_by: "someone",
  changed_by_name: "Technician Two",
  updated_at: TIME,
  ...more,
});

/** The same with what is to come. */
export const scheduleDetailsOf = (more: Partial<ScheduleDetails> = {}): ScheduleDetails => ({
  ...scheduleOf(more),
  digest: "d1",
  next: [
    { at: "2026-01-03T02:00:00Z", time_zone: "Europe/Berlin", local: "2026-01-03 03:00" },
    { at: "2026-01-03T08:00:00Z", time_zone: "America/New_York", local: "2026-01-03 03:00" },
  ],
  ...more,
});
