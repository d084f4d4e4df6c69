/** How long an absent machine may take: a number and a unit, with the server's rules. */

export const UNIT_SECONDS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 } as const;
export type WaitUnit = keyof typeof UNIT_SECONDS;
export const WAIT_UNITS = Object.keys(UNIT_SECONDS) as WaitUnit[];

export interface WaitValues {
  wait: string;
  waitUnit: WaitUnit;
}

const SECONDS_MIN = 30;
const SECONDS_MAX = 30 * UNIT_SECONDS.days;

/** 86,400 → 24 hours: the largest unit of which there are several. */
export function waitOf(seconds: number): WaitValues {
  const isWhole = (unit: WaitUnit) => seconds % UNIT_SECONDS[unit] === 0 && seconds > UNIT_SECONDS[unit];
  const waitUnit = WAIT_UNITS.findLast(isWhole) ?? "seconds";
  return { wait: String(seconds / UNIT_SECONDS[waitUnit]), waitUnit };
}

/** In seconds, or nothing while it is no time that the server takes. */
export function secondsOf({ wait, waitUnit }: WaitValues): number | undefined {
  const seconds = Number(wait) * UNIT_SECONDS[waitUnit];
  return Number.isInteger(seconds) && seconds >= SECONDS_MIN && seconds <= SECONDS_MAX ? seconds : undefined;
}

export const checkWait = (_: string, values: WaitValues): true | string =>
  secondsOf(values) !== undefined || "Between 30 seconds and 30 days.";
