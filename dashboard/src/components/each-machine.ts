/** One act on many machines: every one is tried, and those that failed are known by name. */
import type { Agent, Capability } from "@/api/types";
import type { Place } from "./can";

export interface Machine {
  id: string;
  name: string;
  /** Where it is, if that is known: whether one may act on it is asked there. */
  place?: Place;
  /** What it said that it can and cannot do, if that is known. */
  capabilities?: Capability[];
  /** Its system, if that is known: a script is not for all. */
  os?: Agent["os"];
}

export interface Outcome<Result> {
  done: Result[];
  failed: Machine[];
  /** Why the first of them failed. */
  reason: unknown;
}

/** A hundred machines must not mean a hundred requests at once. */
const AT_ONCE = 8;
const NAMED = 5;

export async function eachMachine<Result>(
  machines: Machine[],
  act: (id: string) => Promise<Result>,
): Promise<Outcome<Result>> {
  const outcome: Outcome<Result> = { done: [], failed: [], reason: undefined };
  for (let at = 0; at < machines.length; at += AT_ONCE) {
    const batch = machines.slice(at, at + AT_ONCE);
    const results = await Promise.allSettled(batch.map(({ id }) => act(id)));
    results.forEach((result, index) => {
      const machine = batch[index];
      if (result.status === "fulfilled") outcome.done.push(result.value);
      else if (machine) {
        outcome.failed.push(machine);
        outcome.reason ??= result.reason;
      }
    });
  }
  return outcome;
}

/** "db-1, db-2 and 3 more": enough to know where to look. */
export function namesOf(machines: Machine[]): string {
  const names = machines.slice(0, NAMED).map(({ name }) => name);
  const more = machines.length - names.length;
  return more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
}
