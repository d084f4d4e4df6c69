/** What is asked for when a command is run: the fields of the form, as the server takes them and as it tells them. */
import type { Params } from "@/api/operations";
import type { Command, CommandContext, CommandRunTargets, CommandType } from "@/api/types";
import { formatDuration, plural } from "@/lib/format";
import { ALL_AT_ONCE, type PaceValues, paceOf } from "./run-pace";

export interface RunValues extends PaceValues {
  command: string;
  type: CommandType;
  interpreter: string;
  args: { text: string }[];
  variables: { name: string; value: string }[];
  context: CommandContext;
  timeout: string;
  /** Seconds that an absent machine may take to come back. */
  wait: number;
  keepRunning: boolean;
}

export const TYPE_WORD: Record<CommandType, string> = {
  shell: "Shell",
  powershell: "PowerShell",
  python: "Python",
  script: "Script",
  claude_task: "Claude task",
};
export const CONTEXT_WORD: Record<CommandContext, string> = { system: "System", user_session: "Logged-in user" };
export const COMMAND_TYPES = Object.keys(TYPE_WORD) as CommandType[];
export const INTERPRETERS = ["bash", "sh", "zsh", "perl", "ruby", "node", "php", "python3", "pwsh"];

export const A_DAY = 86_400;
export const SHORTEST_WAIT = 30;
const TIME_LIMIT_MAX = 86_400;

export const NEW_RUN: RunValues = {
  command: "",
  type: "shell",
  interpreter: "",
  args: [],
  variables: [],
  context: "system",
  timeout: "300",
  wait: A_DAY,
  keepRunning: true,
  ...ALL_AT_ONCE,
};

/** Everything that an earlier command was given; values of variables are not kept, and are to be given again. */
export function valuesOf(command: Command): RunValues {
  return {
    command: command.command,
    type: command.command_type,
    interpreter: command.interpreter ?? "",
    args: command.arguments.map((text) => ({ text })),
    variables: command.variables.map((name) => ({ name, value: "" })),
    context: command.context,
    timeout: String(command.timeout_seconds),
    wait: Math.round((Date.parse(command.expires_at) - Date.parse(command.created_at)) / 1000) || A_DAY,
    keepRunning: command.on_disconnect === "continue",
    ...ALL_AT_ONCE,
  };
}

/** On one machine. */
export const bodyOf = (values: RunValues): Params<"command_run">["body"] => ({
  ...whatOf(values),
  expires_in_seconds: values.wait,
});

/** On many. */
export const runBodyOf = (values: RunValues, targets: CommandRunTargets): Params<"command_run_create">["body"] => ({
  targets,
  what: whatOf(values),
  pace: paceOf(values),
  expires_in_seconds: values.wait,
});

function whatOf(values: RunValues): Params<"command_run_create">["body"]["what"] {
  const variables = values.variables.filter(isWritten);
  return {
    command: values.command,
    command_type: values.type,
    ...(values.type === "script" ? { interpreter: values.interpreter.trim() } : {}),
    ...(values.args.length > 0 ? { arguments: values.args.map(({ text }) => text) } : {}),
    ...(variables.length > 0
      ? { environment: Object.fromEntries(variables.map(({ name, value }) => [name.trim(), value])) }
      : {}),
    context: values.context,
    timeout_seconds: Number(values.timeout),
    on_disconnect: values.keepRunning ? "continue" : "abort",
  };
}

/** A row that was added and left alone says nothing. */
const isWritten = ({ name, value }: { name: string; value: string }): boolean => name.trim() !== "" || value !== "";

export const checkCommand = (text: string): true | string => text.trim() !== "" || "Write the command to run.";

export function checkTimeout(text: string): true | string {
  const seconds = Number(text);
  return (
    (Number.isInteger(seconds) && seconds >= 1 && seconds <= TIME_LIMIT_MAX) ||
    `From 1 to ${TIME_LIMIT_MAX.toLocaleString("en-GB")} seconds.`
  );
}

export const checkInterpreter = (text: string, { type }: RunValues): true | string =>
  type !== "script" || text.trim() !== "" || "Say what reads the script, such as bash, perl or /usr/bin/python3.";

export function checkName(text: string, { variables }: RunValues, index: number): true | string {
  const name = text.trim();
  const row = variables[index];
  if (row && !isWritten(row)) return true;
  if (name === "") return "Name the variable.";
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return "Letters, digits and _, no digit first.";
  if (/^gururmm_/i.test(name)) return "Names that begin with GURURMM_ are the agent's own.";
  return variables.findIndex((other) => other.name.trim() === name) === index || "This name is there already.";
}

/** The options in words, those that differ from a new command's first. */
export function optionsWords(values: RunValues): string {
  const variables = values.variables.filter(isWritten).length;
  const seconds = Number(values.timeout);
  return [
    values.args.length > 0 ? plural(values.args.length, "argument") : "",
    variables > 0 ? plural(variables, "variable") : "",
    values.context === "user_session" ? "as the logged-in user" : "as the system account",
    checkTimeout(values.timeout) === true ? `at most ${formatDuration(seconds * 1000)}` : "",
    values.wait === SHORTEST_WAIT ? "only if it is online" : `waits up to ${waitWords(values.wait)}`,
    values.keepRunning ? "" : "stops when disconnected",
  ]
    .filter(Boolean)
    .join(" · ");
}

export const waitWords = (seconds: number): string => (seconds === A_DAY ? "24 hours" : formatDuration(seconds * 1000));
