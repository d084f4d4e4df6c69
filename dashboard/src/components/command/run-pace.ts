/** How fast, and in which order, machines of a run are told: the fields of the form, with the server's rules. */
import type { CommandRun, CommandRunMode } from "@/api/types";
import { formatCount, plural } from "@/lib/format";

export interface PaceValues {
  mode: CommandRunMode;
  /** Machines that are told in a minute at most; empty: no limit. Not for those that are told one after the other. */
  rate: string;
  /** Failed machines after which the rest is not told any more; empty: all are told. */
  failures: string;
}

export const ALL_AT_ONCE: PaceValues = { mode: "parallel", rate: "", failures: "" };
export const MODE_WORD: Record<CommandRunMode, string> = {
  parallel: "All at once",
  ordered: "One after the other",
};

export const RATE_MAX = 100_000;
export const FAILURES_MAX = 20_000;

const isWithin = (text: string, most: number): boolean => {
  const value = Number(text);
  return Number.isInteger(value) && value >= 1 && value <= most;
};

const hasRate = ({ mode, rate }: PaceValues): boolean => mode === "parallel" && rate.trim() !== "";

export const checkRate = (text: string, { mode }: PaceValues): true | string =>
  mode === "ordered" ||
  text.trim() === "" ||
  isWithin(text, RATE_MAX) ||
  `From 1 to ${formatCount(RATE_MAX)} machines.`;

export function checkFailures(text: string, values: PaceValues): true | string {
  if (text.trim() === "") return true;
  if (!isWithin(text, FAILURES_MAX)) return `From 1 to ${formatCount(FAILURES_MAX)} machines.`;
  return (
    values.mode === "ordered" ||
    hasRate(values) ||
    "All machines are told at once, so there is no rest to stop. Choose a limit a minute, or one after the other."
  );
}

type Pace = Pick<CommandRun, "mode" | "rate_per_minute" | "stop_after_failures">;

/** The pace as the server takes it. */
export const paceOf = (values: PaceValues): Pace => ({
  mode: values.mode,
  ...(hasRate(values) ? { rate_per_minute: Number(values.rate) } : {}),
  ...(values.failures.trim() !== "" ? { stop_after_failures: Number(values.failures) } : {}),
});

/** "one after the other, stops after 2 failures" */
export const paceWords = ({ mode, rate_per_minute, stop_after_failures }: Pace): string =>
  [
    MODE_WORD[mode].toLowerCase(),
    rate_per_minute ? `at most ${plural(rate_per_minute, "machine")} a minute` : "",
    stop_after_failures ? `stops after ${plural(stop_after_failures, "failure")}` : "",
  ]
    .filter(Boolean)
    .join(", ");
