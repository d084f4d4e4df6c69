/**
 * Live events → query cache. Status and metrics of machines are streams and are written into the cached rows
 * (live-patches.ts); everything else only marks queries stale (live-stale.ts).
 */
import { hashKey, type QueryClient } from "@tanstack/react-query";
import { serverNow } from "@/lib/server-time";
import { onLiveEvent } from "./live";
import type { LiveEvent } from "./live-events";
import { createLivePatches } from "./live-patches";
import { createStaleMarks } from "./live-stale";
import type { Operation } from "./operations";
import type { Agent } from "./types";

export interface LiveCache {
  apply: (event: LiveEvent) => void;
  stop: () => void;
}

/** What a change of a kind makes stale, whatever it was that changed. */
const STALE = {
  agent_status: ["agent_summary", "client_list", "client_get", "site_list", "site_get"],
  agent_changed: [
    "agent_list",
    "agent_summary",
    "tag_list",
    "custom_field_list",
    "client_list",
    "client_get",
    "site_list",
    "site_get",
    "site_key_list",
    "finding_list",
    "install_report_list",
    "organisation_get",
    "audit_event_list",
  ],
  command_changed: ["command_list", "audit_event_list"],
  command_run_changed: ["command_run_list", "command_list", "script_get", "audit_event_list"],
  commands_stopped: [
    "organisation_get",
    "command_list",
    "command_get",
    "command_run_list",
    "command_run_get",
    "command_run_groups",
    "audit_event_list",
  ],
  // A schedule says which version of its script is approved, and where it is.
  scripts_changed: [
    "script_list",
    "script_get",
    "script_version_list",
    "schedule_list",
    "schedule_get",
    "audit_event_list",
  ],
  schedules_changed: ["schedule_list", "schedule_get", "audit_event_list"],
  tree_changed: [
    "client_list",
    "client_get",
    "site_list",
    "site_get",
    "schedule_list",
    "schedule_get",
    "audit_event_list",
  ],
  users_changed: [
    "user_list",
    "user_get",
    "user_access",
    "user_sessions",
    "role_list",
    "role_get",
    "invitation_list",
    "api_key_list",
    "organisation_get",
    "audit_event_list",
  ],
} as const satisfies Partial<Record<LiveEvent["type"], readonly Operation[]>>;

export function createLiveCache(client: QueryClient): LiveCache {
  const patches = createLivePatches(client);
  const stale = createStaleMarks(client);

  function markAll(operations: readonly Operation[]): void {
    for (const operation of operations) stale.mark(operation);
  }

  /** Marks one thing, if anybody holds it: of a fleet that reports, or of ten thousand commands, few are worth a mark. */
  function markHeld(operation: Operation, id: string): void {
    const params = { path: { id } };
    if (client.getQueryCache().get(hashKey([operation, params]))) stale.mark(operation, params);
  }

  function statusChanged(id: string, status: Agent["status"], lastSeen: string | null | undefined): void {
    const status_changed_at = new Date(serverNow()).toISOString();
    patches.status(id, { status, status_changed_at, ...(lastSeen ? { last_seen_at: lastSeen } : {}) });
    markAll(STALE.agent_status);
    // A list filtered by status gains or loses a row; the other lists keep theirs.
    for (const query of client.getQueryCache().findAll({ queryKey: ["agent_list"] })) {
      if (JSON.stringify(query.queryKey).includes('"status":')) stale.mark("agent_list", query.queryKey[1]);
    }
  }

  return {
    apply: (event) => {
      switch (event.type) {
        case "agent_status":
          statusChanged(event.data.agent_id, event.data.status, event.data.last_seen_at);
          break;
        case "agent_metrics": {
          const { agent_id: id, recorded_at, ...percents } = event.data;
          patches.metrics(id, { ...percents, metrics_at: recorded_at });
          // A measurement brings more than the figures of the event: the uptime, who is logged in, the processes.
          markHeld("agent_get", id);
          markHeld("agent_processes", id);
          break;
        }
        case "agent_changed":
          markAll(STALE.agent_changed);
          stale.mark("agent_get", { path: { id: event.data.agent_id } });
          break;
        case "command_changed":
          markAll(STALE.command_changed);
          markHeld("command_get", event.data.command_id);
          break;
        case "command_run_changed":
          // Comes a few times a second however many machines a run has: its commands are marked as a list alone.
          markAll(STALE.command_run_changed);
          markHeld("command_run_get", event.data.run_id);
          markHeld("command_run_groups", event.data.run_id);
          break;
        case "commands_stopped":
          markAll(STALE.commands_stopped);
          break;
        case "scripts_changed":
          markAll(STALE.scripts_changed);
          break;
        case "schedules_changed":
          markAll(STALE.schedules_changed);
          break;
        case "tree_changed":
          markAll(STALE.tree_changed);
          break;
        case "users_changed":
          markAll(STALE.users_changed);
          break;
        case "access_changed":
          // The stream ends with it: what may be seen from now on is read when the next one opens.
          stale.mark("auth_me");
          break;
        case "resync":
          stale.markAll();
          break;
        case "command_output":
          break;
      }
    },
    stop: () => {
      patches.stop();
      stale.stop();
    },
  };
}

export function connectLiveCache(client: QueryClient): () => void {
  const cache = createLiveCache(client);
  const off = onLiveEvent(cache.apply);
  return () => {
    off();
    cache.stop();
  };
}
