/** What the chosen machines said they cannot do, before anything is sent to them. */
import type { Capability, CommandContext, CommandType } from "@/api/types";
import { type Machine, namesOf } from "../each-machine";
import { COMMAND_TYPES, TYPE_WORD } from "./run-values";

/** One capability that machines lack, in a sentence. */
export interface Lacking {
  capability: string;
  text: string;
}

const missing = (machine: Machine, name: string): Capability | undefined =>
  machine.capabilities?.find((capability) => capability.name === name && !capability.supported);

/** A machine tells when it connects: what it lacked then may have been installed since. */
export function lackingOn(machines: readonly Machine[], type: CommandType, context: CommandContext): Lacking[] {
  const wanted = [{ capability: `commands.${type}`, what: `${TYPE_WORD[type]} commands` }];
  if (context === "user_session") {
    wanted.push({ capability: "commands.user_session", what: "Commands in the session of the logged-in user" });
  }
  return wanted.flatMap(({ capability, what }) => {
    const lacking = machines.filter((machine) => missing(machine, capability));
    if (lacking.length === 0) return [];
    const reasons = new Set(lacking.map((machine) => missing(machine, capability)?.reason ?? ""));
    const names = namesOf(lacking);
    const where = lacking.length === 1 ? names : `${lacking.length} of ${machines.length} machines (${names})`;
    const reason = reasons.size === 1 ? [...reasons][0] : "";
    return [{ capability, text: `${what} do not run on ${where}${reason ? `: ${closed(reason)}` : "."}` }];
  });
}

/** Whether a machine said that it runs no command of any kind; one that said nothing may well. */
export function runsNothing(machine: Pick<Machine, "capabilities">): boolean {
  const told = kindsOf(machine);
  return told.length > 0 && told.every(({ supported }) => !supported);
}

/** Why it runs no command of any kind, as it said itself. */
export const whyNothing = (machine: Pick<Machine, "capabilities">): string | undefined =>
  kindsOf(machine).find(({ supported, reason }) => !supported && reason)?.reason ?? undefined;

const KINDS = new Set(COMMAND_TYPES.map((type) => `commands.${type}`));

const kindsOf = ({ capabilities }: Pick<Machine, "capabilities">): Capability[] =>
  (capabilities ?? []).filter(({ name }) => KINDS.has(name));

export const closed = (reason: string): string => (/[.!?]$/.test(reason) ? reason : `${reason}.`);
