import type { Command, CommandDetail } from "@/api/types";

const TIME = "2026-01-02T03:04:05Z";

/** A command of a list. */
export const commandOf = (more: Partial<Command>): Command => ({
  id: "k1",
  agent_id: "a1",
  agent_name: "web-1",
  client_name: "Example Florist",
  site_name: "Shop",
  command_type: "shell",
  command: "uptime",
  arguments: [],
  variables: [],
  context: "system",
  elevated: true,
  timeout_seconds: 300,
  on_disconnect: "continue",
  status: "queued",
  created_at: TIME,
  created_by_name: "Technician One",
  expires_at: "2026-01-03T03:04:05Z",
  stdout_bytes: 0,
  stderr_bytes: 0,
  truncated: false,
  ...more,
});

/** The same with what it wrote. */
export const commandDetailOf = (more: Partial<CommandDetail>): CommandDetail => ({
  ...commandOf(more),
  stdout: "",
  stderr: "",
  stdout_encoding: "utf-8",
  stderr_encoding: "utf-8",
  stdout_kept_bytes: 0,
  stderr_kept_bytes: 0,
  stdout_times: [],
  stderr_times: [],
  ...more,
});
