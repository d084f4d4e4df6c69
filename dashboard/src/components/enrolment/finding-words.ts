import type { Finding } from "@/api/types";

/** The kinds of findings, in short. */
export const FINDING_TITLE: Record<Finding["kind"], string> = {
  duplicate_hostname: "Same name",
  known_hardware: "Known hardware",
  sandbox: "Looks like a sandbox",
  clone: "Identity used twice",
};

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** One of the machines that use an identity. */
export interface CloneSide {
  hostname: string | undefined;
  serial: string | undefined;
  model: string | undefined;
  ip: string | undefined;
}

/** Both machines that use an identity, the one that came first before the other. */
export function cloneSides(finding: Finding): [CloneSide, CloneSide] | undefined {
  const { first, second } = record(finding.detail);
  if (finding.kind !== "clone" || !first || !second) return undefined;
  const side = (value: unknown): CloneSide => {
    const { hostname, serial, model, ip } = record(value);
    return { hostname: text(hostname), serial: text(serial), model: text(model), ip: text(ip) };
  };
  return [side(first), side(second)];
}

/** What was found, in plain words, without the names of the machines. */
export function findingWords(finding: Finding): string {
  switch (finding.kind) {
    case "duplicate_hostname":
      return "Another machine of the client has the same host name.";
    case "known_hardware":
      if (!finding.other_agent_id) return "Another record has the same hardware.";
      return finding.other_agent_status === "online"
        ? "Another machine that is online has the same hardware: one may be a copy of the other."
        : "Another record has the same hardware: the machine was installed anew.";
    case "sandbox":
      return ["It may be a machine that takes software apart.", text(record(finding.detail).reason)]
        .filter(Boolean)
        .join(" ");
    case "clone":
      return "Two machines use this identity in turn, so it was quarantined.";
  }
}
