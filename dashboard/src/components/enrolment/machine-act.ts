/** What is decided about a machine's identity: whether it may work, and with which key. */
import { call, invalidate } from "@/api/client";
import type { Operation } from "@/api/operations";
import type { Agent } from "@/api/types";
import { agentName } from "../agent-name";
import type { Machine } from "../each-machine";

export type MachineAct = "approve" | "reject" | "quarantine" | "release" | "rotate" | "revoke";

const STALE: Operation[] = [
  "agent_list",
  "agent_get",
  "agent_summary",
  "finding_list",
  "client_list",
  "site_list",
  "audit_event_list",
];

/** Reads again what a decision about a machine has changed. */
export const invalidateEnrolment = (): Promise<void> => invalidate(...STALE);

export const machineOf = (agent: Agent): Machine => ({
  id: agent.id,
  name: agentName(agent),
  place: { clientId: agent.client_id, siteId: agent.site_id },
  capabilities: agent.capabilities,
  os: agent.os,
});

export function doAct(act: MachineAct, id: string, reason: string): Promise<unknown> {
  const path = { id };
  const body = { reason: reason.trim() || null };
  switch (act) {
    case "approve":
      return call("agent_approve", { path });
    case "reject":
      return call("agent_reject", { path });
    case "quarantine":
      return call("agent_quarantine", { path, body });
    case "release":
      return call("agent_release", { path });
    case "rotate":
      return call("agent_rotate_key", { path });
    case "revoke":
      return call("agent_revoke_key", { path, body });
  }
}

interface ActWords {
  /** On the button. */
  verb: string;
  /** The question, about one machine by name or about "3 machines". */
  title: (what: string) => string;
  /** As in "web-1 let in". */
  done: string;
  isDanger?: boolean;
  /** A reason may be written down. */
  hasReason?: boolean;
  text: string;
}

export const ACT_WORDS: Record<MachineAct, ActWords> = {
  approve: {
    verb: "Approve",
    title: (what) => `Approve ${what}?`,
    done: "let in",
    text: "From now on it works: it connects within a few minutes, reports, and runs what it is told. Make sure that it is one of yours.",
  },
  reject: {
    verb: "Reject",
    title: (what) => `Reject ${what}?`,
    done: "sent away",
    isDanger: true,
    text: "Its record is deleted, and the agent on it learns that it was removed. To come back it needs a site key again.",
  },
  quarantine: {
    verb: "Quarantine",
    title: (what) => `Quarantine ${what}?`,
    done: "quarantined",
    isDanger: true,
    hasReason: true,
    text: "Its connection ends within a second. Until somebody releases it, it is told nothing and tells nothing; what it measures meanwhile it keeps.",
  },
  release: {
    verb: "Release",
    title: (what) => `Release ${what}?`,
    done: "released",
    text: "It works again when it next comes: within five minutes. Where two machines used its identity, enrol one of them anew first.",
  },
  rotate: {
    verb: "Give another key",
    title: (what) => `Give ${what} another key?`,
    done: "gets another key",
    text: "It gets its new key at once when it is connected, else when it next comes. The key it has stays good until it has stored the new one. Nothing has to be done on the machine.",
  },
  revoke: {
    verb: "Revoke key",
    title: (what) => `Revoke the key of ${what}?`,
    done: "has no key any more",
    isDanger: true,
    hasReason: true,
    text: "Its connection ends within a second, and its key is good no more, for ever. To come back it has to be enrolled again with a site key; its record can be continued then.",
  },
};
