import type { Agent, Finding, InstallReport } from "@/api/types";

const TIME = "2026-01-02T03:04:05Z";

/** A machine of a list. */
export const agentOf = (more: Partial<Agent>): Agent => ({
  id: "a1",
  hostname: "web-1",
  os: "linux",
  os_name: "Debian",
  os_version: "13",
  arch: "x86_64",
  agent_version: "0.1.0",
  capabilities: [],
  tags: [],
  custom_fields: {},
  client_id: "c1",
  client_name: "Example Florist",
  site_id: "s1",
  site_name: "Shop",
  state: "active",
  status: "offline",
  status_changed_at: TIME,
  created_at: TIME,
  enrolled_at: TIME,
  updated_at: TIME,
  ...more,
});

/** A finding about it. */
export const findingOf = (more: Partial<Finding>): Finding => ({
  id: "f1",
  kind: "duplicate_hostname",
  agent_id: "a1",
  agent_name: "web-1",
  agent_state: "active",
  client_id: "c1",
  client_name: "Example Florist",
  site_id: "s1",
  site_name: "Shop",
  detail: {},
  found_at: TIME,
  ...more,
});

/** What a failed installation told. */
export const reportOf = (more: Partial<InstallReport>): InstallReport => ({
  id: "r1",
  hostname: "web-9",
  os: "Debian 13",
  arch: "x86_64",
  agent_version: "0.1.0",
  step: "enroll",
  message: "The site key has expired.",
  log: "line one\nline two",
  ip: "192.0.2.9",
  client_id: "c1",
  client_name: "Example Florist",
  site_id: "s1",
  site_name: "Shop",
  site_key_id: "k1",
  site_key_name: "Roll-out",
  reported_at: TIME,
  ...more,
});
