import type { Agent } from "@/api/types";

/** What a machine is called: the name somebody gave it, else the one it has itself. */
export const agentName = (agent: Pick<Agent, "display_name" | "hostname">): string =>
  agent.display_name || agent.hostname;

export const OS_WORD: Record<Agent["os"], string> = { linux: "Linux", windows: "Windows", macos: "macOS" };
