/**
 * The server's clock. Every time that is shown or compared is the server's, and a browser's clock may be minutes off:
 * the difference is taken from the `Date` header of the answers, so that "now" means the same on both sides.
 */

/** The header has whole seconds and the answer takes time to come: smaller differences are noise. */
const NOISE_MS = 2000;

let offset = 0;

/** Takes the `Date` of an answer to a question asked at `askedAt` by this browser's clock. */
export function noteServerDate(date: string | null, askedAt: number): void {
  const stamped = Date.parse(date ?? "");
  if (Number.isNaN(stamped)) return;
  // On average the header was cut by half a second and written half-way between question and answer.
  const measured = stamped + 500 - (askedAt + Date.now()) / 2;
  if (Math.abs(measured) < NOISE_MS) offset = 0;
  else if (Math.abs(measured - offset) >= NOISE_MS) offset = measured;
}

/** Now, in milliseconds since 1970, by the server's clock. */
export const serverNow = (): number => Date.now() + offset;
