/** Machines that a run leaves out, by the server's codes of why. */
import { formatCount, plural } from "@/lib/format";

const WORDS: Record<string, string> = {
  agent_not_active: "not active (waiting, quarantined, revoked or left)",
  agent_not_found: "not there any more",
  parameter_missing: "without a value of something that the script asks for",
  platform_mismatch: "of a system that the script is not for",
  forbidden: "where whoever asks may not run this",
};

/** "3 machines are left out: 2 not active (…), 1 not there any more." Nothing when all take part. */
export function leftOutWords(refused: Record<string, number>, verb: "are" | "were"): string | undefined {
  const parts = Object.entries(refused).filter(([, count]) => count > 0);
  if (parts.length === 0) return undefined;
  const total = parts.reduce((sum, [, count]) => sum + count, 0);
  const is = verb === "are" ? "is" : "was";
  const why = parts.map(([code, count]) => `${formatCount(count)} ${WORDS[code] ?? code.replaceAll("_", " ")}`);
  return `${plural(total, `machine ${is}`, `machines ${verb}`)} left out: ${why.join(", ")}.`;
}
