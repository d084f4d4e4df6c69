/** The rules of crates/scripts over a version that is to be saved. The server asks them again. */
import { AGENT_FIELD_WORD, checkPlain, checkValue, lengthOf, VALUE_MAX } from "@/components/script/parameters";
import { isWritten, linesOf, numberOf, type ParameterValues, parameterOf, type VersionValues } from "./version-values";

export const PARAMETERS_MAX = 30;
export const ENVIRONMENT_MAX = 32;
const TEXT_MAX = 64 * 1024;
const TIMEOUT_MAX = 86_400;
const NAME_MAX = 40;
const LINE_MAX = 100;
const CHOICES_MAX = 100;
const NOTE_MAX = 500;
const BOUND_MAX = 1e15;

type Checked = true | string;

/** Something on one line that people read. */
function checkLine(text: string, most = LINE_MAX): Checked {
  if (text.trim() === "") return "Give a text.";
  if (/\p{Cc}/u.test(text)) return "No control characters.";
  return lengthOf(text.trim()) <= most || `At most ${most} characters.`;
}

export function checkText(text: string): Checked {
  if (text.trim() === "") return "The script has no text.";
  const bytes = new TextEncoder().encode(text).length;
  return bytes <= TEXT_MAX || `At most 64 KiB of text; this is ${Math.ceil(bytes / 1024)} KiB.`;
}

export function checkInterpreter(text: string): Checked {
  const name = text.trim();
  const isName = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/.test(name);
  const isPath = /^(\/|[A-Za-z]:\\)[^\p{Cc}"]*[^\p{Cc}"/\\]$/u.test(name) && name.length <= 255;
  return isName || isPath || "Name a program such as bash, or its full path.";
}

export function checkPlatforms(platforms: VersionValues["platforms"], { interpreter }: VersionValues): Checked {
  if (platforms.length === 0) return "Choose at least one system.";
  return interpreter !== "cmd" || platforms.every((one) => one === "windows") || "cmd is on Windows only.";
}

export function checkTimeout(text: string): Checked {
  const seconds = Number(text);
  return (Number.isInteger(seconds) && seconds >= 1 && seconds <= TIMEOUT_MAX) || "From 1 to 86,400 seconds.";
}

export const checkNote = (text: string): Checked =>
  lengthOf(text.trim()) <= NOTE_MAX || `At most ${NOTE_MAX} characters.`;

/** The name of an environment variable. */
export function checkVariable(text: string, { environment }: VersionValues, index: number): Checked {
  const row = environment[index];
  if (row && !isWritten(row)) return true;
  const name = text.trim();
  if (name === "") return "Name the variable.";
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name))
    return "Letters, digits and _, no digit first; at most 64 characters.";
  if (/^(gururmm|param)_/i.test(name)) return "Names that begin with GURURMM_ or PARAM_ are the server's.";
  const first = environment.findIndex((other) => other.name.trim().toLowerCase() === name.toLowerCase());
  return first === index || "This name is there already; Windows takes no notice of case.";
}

export function checkParameterName(text: string, { parameters }: VersionValues, index: number): Checked {
  const name = text.trim();
  if (!/^[a-z][a-z0-9_]*$/.test(name) || name.length > NAME_MAX) {
    return `Small letters, digits and _, a letter first; at most ${NAME_MAX} characters.`;
  }
  return parameters.findIndex((other) => other.name.trim() === name) === index || "This name is there already.";
}

export const checkLabel = (text: string): Checked => checkLine(text);

export function checkBound(text: string): Checked {
  const bound = numberOf(text);
  if (bound === undefined) return true;
  return (Number.isFinite(bound) && Math.abs(bound) <= BOUND_MAX) || "Give a number.";
}

export function checkMax(text: string, { min }: ParameterValues): Checked {
  const [low, high] = [numberOf(min), numberOf(text)];
  if (low !== undefined && high !== undefined && low > high) return "The largest number is below the smallest one.";
  return checkBound(text);
}

export function checkMaxLength(text: string): Checked {
  const most = numberOf(text);
  if (most === undefined) return true;
  return (Number.isInteger(most) && most >= 1 && most <= VALUE_MAX) || "From 1 to 4,096 characters.";
}

export function checkChoices(text: string): Checked {
  const choices = linesOf(text);
  if (choices.length === 0 || choices.length > CHOICES_MAX) return `Between 1 and ${CHOICES_MAX} choices.`;
  const twice = choices.find((choice, index) => choices.indexOf(choice) !== index);
  if (twice) return `The choice ${twice} is there twice.`;
  return choices.map((choice) => checkLine(choice)).find((checked) => checked !== true) ?? true;
}

/** Where a machine's own value comes from. */
export function checkField(text: string, { kind }: ParameterValues): Checked {
  if (kind === "agent_field") return Object.hasOwn(AGENT_FIELD_WORD, text) || "Choose a property.";
  return checkLine(text);
}

export function checkDefault(text: string | null, values: ParameterValues): Checked {
  if (text === null || values.kind === "vault") return true;
  return checkValue(parameterOf(values), text);
}

export const checkVariableValue = (text: string): Checked => checkPlain(text);
