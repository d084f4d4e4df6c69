import type { ScriptVersion } from "@/api/types";
import type { AllMatching } from "../actions";
import { OS_WORD } from "../agent-name";
import type { Machine } from "../each-machine";
import { useCannot, useCannotAny, useCannotIn } from "../me";

/** Where something is to run. */
export interface Where {
  machines: Machine[];
  /** More than these are meant. */
  all?: AllMatching | undefined;
}

/** Why a script without an approved version is nothing for those who may run approved ones only. */
export const NONE_APPROVED = "No version is approved: who approves scripts decides first.";

/** Why a version cannot be run there by whoever is signed in. What is not approved is as good as any text that they could write. */
export function useCannotRunScript(isApproved: boolean, { machines, all }: Where): string | undefined {
  const permission = isApproved ? "scripts.run" : "commands.run";
  const cannotScripts = useCannot("scripts.run");
  const cannotAny = useCannotAny(permission, machines);
  const cannotWithin = useCannotIn(permission, all?.filter ?? {});
  const cannotHere = all ? cannotWithin : cannotAny;
  if (cannotScripts) return cannotScripts;
  return cannotHere && !isApproved ? `This version is not approved. ${cannotHere}` : cannotHere;
}

export const platformWords = (platforms: ScriptVersion["platforms"]): string =>
  platforms.map((platform) => OS_WORD[platform]).join(", ");

/** Those of these machines that a version is not for, as far as that is known. */
export const mismatched = (machines: readonly Machine[], platforms: ScriptVersion["platforms"]): Machine[] =>
  machines.filter(({ os }) => os && !platforms.includes(os));
