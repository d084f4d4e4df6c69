/** What a script asks for, and the rules of crates/scripts/src/parameters.rs over what it is given. The server asks them again. */
import type { ScriptParameter, ScriptParameterKind } from "@/api/types";
import { formatCount } from "@/lib/format";

export const KIND_WORD: Record<ScriptParameterKind, string> = {
  string: "Text",
  number: "Number",
  choice: "Choice",
  agent_field: "Property of the machine",
  custom_field: "Custom field",
  vault: "Secret from the vault",
};
export const KINDS = Object.keys(KIND_WORD) as ScriptParameterKind[];

/** What every machine can say of itself. */
export const AGENT_FIELD_WORD: Record<string, string> = {
  hostname: "Host name",
  display_name: "Display name",
  client: "Client",
  site: "Site",
  os: "System",
  agent_id: "Id of the machine",
};

/** Longest value, bytes. */
export const VALUE_MAX = 4096;
const DIGITS_MAX = 15;
const DECIMALS_MAX = 10;

/** Each machine has its own value: nobody gives one. */
export const isOfMachine = ({ kind }: Pick<ScriptParameter, "kind">): boolean =>
  kind === "agent_field" || kind === "custom_field";

/** Somebody gives a value when the script is run. */
export const isGiven = (parameter: Pick<ScriptParameter, "kind">): boolean =>
  !isOfMachine(parameter) && parameter.kind !== "vault";

/** The name under which a script reads it. */
export const variableOf = (name: string): string => `PARAM_${name.toUpperCase()}`;

type Rules = Pick<ScriptParameter, "kind" | "required" | "default" | "min" | "max" | "max_length" | "choices">;

export const lengthOf = (text: string): number => [...text].length;
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
const isNone = (value: number | null | undefined): value is null | undefined => value === null || value === undefined;

/** Whether it is a value of this parameter, or why not. */
export function checkValue(rules: Rules, text: string): true | string {
  switch (rules.kind) {
    case "number":
      return checkNumber(rules, text.trim());
    case "choice":
      return rules.choices?.includes(text) || `Choose one of: ${(rules.choices ?? []).join(", ")}.`;
    case "string":
      return checkText(rules, text);
    default:
      return checkPlain(text);
  }
}

/** The same of what somebody gives: nothing stands for the default, where there is one. */
export function checkGiven(rules: Rules, text: string): true | string {
  if (text !== "") return checkValue(rules, text);
  const hasDefault = rules.kind !== "string" && Boolean(rules.default);
  return !rules.required || hasDefault || "Give a value.";
}

function checkText({ required, max_length: max }: Rules, text: string): true | string {
  if (required && text.trim() === "") return "Give a value.";
  if (!isNone(max) && lengthOf(text) > max) return `At most ${formatCount(max)} characters.`;
  return checkPlain(text);
}

/** What an environment can hold. */
export function checkPlain(text: string): true | string {
  if (/[^\P{Cc}\n\t]/u.test(text.replaceAll("\r\n", "\n"))) return "Control characters are not allowed.";
  return bytesOf(text) <= VALUE_MAX || "At most 4 KiB.";
}

function checkNumber({ min, max }: Rules, text: string): true | string {
  if (!isDecimal(text)) return "Give a decimal number, such as 12.5.";
  const value = Number(text);
  if (!isNone(min) && !isNone(max) && (value < min || value > max)) return `Between ${min} and ${max}.`;
  if (!isNone(min) && value < min) return `At least ${min}.`;
  if (!isNone(max) && value > max) return `At most ${max}.`;
  return true;
}

export function isDecimal(text: string): boolean {
  const found = /^[+-]?0*(\d*)(?:\.(\d*?)0*)?$/.exec(text);
  if (!found || !/\d/.test(text) || text.endsWith(".") || /^[+-]?\./.test(text)) return false;
  return (found[1] ?? "").length <= DIGITS_MAX && (found[2] ?? "").length <= DECIMALS_MAX;
}
