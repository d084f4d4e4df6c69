/** What changed from one version to another beside its text, in sentences. */
import { CONTEXT_WORD } from "@/components/command/run-values";
import { platformWords } from "@/components/script/use-cannot-run-script";
import { formatDuration } from "@/lib/format";
import { type ParameterValues, parameterOf, type VersionValues } from "./version-values";

const changed = (what: string, before: string, after: string): string[] =>
  before === after ? [] : [`${what}: ${before || "nothing"} → ${after || "nothing"}`];

const lasting = (seconds: string): string => (Number(seconds) > 0 ? formatDuration(Number(seconds) * 1000) : seconds);

export const versionChanges = (old: VersionValues, next: VersionValues): string[] => [
  ...changed("Interpreter", old.interpreter, next.interpreter),
  ...changed("Systems", platformWords([...old.platforms].sort()), platformWords([...next.platforms].sort())),
  ...changed("Runs as", CONTEXT_WORD[old.context], CONTEXT_WORD[next.context]),
  ...changed("Time limit", lasting(old.timeout_seconds), lasting(next.timeout_seconds)),
  ...named(
    "Variable",
    old.environment.map(({ name, value }) => [name, value]),
    next.environment.map(({ name, value }) => [name, value]),
  ),
  ...named("Parameter", old.parameters.map(told), next.parameters.map(told)),
  ...order(old.parameters, next.parameters),
];

const told = (values: ParameterValues): [string, string] => [values.name, JSON.stringify(parameterOf(values))];

/** Things by name: those that went, came and say something else. */
function named(what: string, old: [string, string][], next: [string, string][]): string[] {
  const before = new Map(old);
  const after = new Map(next);
  return [
    ...[...before.keys()].filter((name) => !after.has(name)).map((name) => `${what} ${name} was removed`),
    ...[...after].flatMap(([name, says]) => {
      const said = before.get(name);
      if (said === undefined) return [`${what} ${name} was added`];
      return said === says ? [] : [`${what} ${name} was changed`];
    }),
  ];
}

function order(old: ParameterValues[], next: ParameterValues[]): string[] {
  const names = (list: ParameterValues[], other: ParameterValues[]) =>
    list.map(({ name }) => name).filter((name) => other.some((one) => one.name === name));
  return names(old, next).join() === names(next, old).join() ? [] : ["Parameters are in another order"];
}
