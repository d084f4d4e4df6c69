import type { CommandRun, CommandRunCounts, CommandRunDetail } from "@/api/types";

const TIME = "2026-01-02T03:04:05Z";

const NONE: CommandRunCounts = {
  total: 0,
  awaiting_approval: 0,
  waiting: 0,
  queued: 0,
  offline: 0,
  running: 0,
  completed: 0,
  failed: 0,
  timeout: 0,
  interrupted: 0,
  cancelled: 0,
  expired: 0,
  rejected: 0,
};

/** These, and their sum. */
export const countsOf = (some: Partial<Omit<CommandRunCounts, "total">>): CommandRunCounts => ({
  ...NONE,
  ...some,
  total: Object.values(some).reduce((sum, count) => sum + count, 0),
});

/** A run of a list. */
export const runOf = (more: Partial<CommandRun>): CommandRun => ({
  id: "r1",
  command_type: "shell",
  command: "uptime",
  arguments: [],
  variables: [],
  context: "system",
  elevated: true,
  timeout_seconds: 300,
  on_disconnect: "continue",
  expires_in_seconds: 86_400,
  mode: "parallel",
  parameters: {},
  selection: {},
  refused: {},
  status: "running",
  created_by: "someone",
  created_by_name: "Technician Two",
  created_at: TIME,
  started_at: TIME,
  counts: countsOf({ running: 2 }),
  ...more,
});

/** One that waits for a second person. */
export const awaitingRun = (more: Partial<CommandRunDetail> = {}): CommandRunDetail => ({
  ...runOf({ status: "awaiting_approval", started_at: null, counts: countsOf({ awaiting_approval: 30 }) }),
  digest: "d1",
  environment: {},
  ...more,
});
