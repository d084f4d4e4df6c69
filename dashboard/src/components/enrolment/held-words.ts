import type { Agent } from "@/api/types";

type Held = Exclude<Agent["state"], "active">;

/** What it means that a machine may not work, and what can be done. */
export const HELD_WORDS: Record<Held, { title: string; text: string }> = {
  waiting: {
    title: "It waits to be let in",
    text: "It came with a site key that needs approval. Until somebody approves it, it is told nothing.",
  },
  quarantined: {
    title: "It is quarantined",
    text: "It is not connected and is told nothing. It keeps what it measures until somebody releases it.",
  },
  revoked: {
    title: "Its key was revoked",
    text: "It cannot connect any more. Enrol it anew with a site key, then continue this record; or delete it.",
  },
  left: {
    title: "It left by itself",
    text: "The agent was removed on the machine. Enrol it anew with a site key to have it back; or delete this record.",
  },
};

/** Why no command is run on it. */
export function whyNoCommands({ state }: Pick<Agent, "state">): string | undefined {
  switch (state) {
    case "waiting":
      return "It waits to be let in: nothing is run on it before somebody approves it.";
    case "quarantined":
      return "It is quarantined: nothing is run on it before somebody releases it.";
    case "revoked":
      return "Its key was revoked: nothing can be run on it any more.";
    case "left":
      return "The agent was removed on it: nothing can be run on it any more.";
    default:
      return undefined;
  }
}
