export const PERIODS = {
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
} as const;
export type Period = keyof typeof PERIODS;

const HOURS: Record<Period, number> = { "1h": 1, "24h": 24, "7d": 168, "30d": 720 };

/** The beginning of a period that ends now, to the full minute. */
export function periodStart(period: Period, now: number): string {
  const minute = 60_000;
  return new Date(Math.floor(now / minute) * minute - HOURS[period] * 60 * minute).toISOString();
}
