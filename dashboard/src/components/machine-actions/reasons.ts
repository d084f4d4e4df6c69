/** Why something cannot be done with machines now, or not by whoever asks. Each answers nothing where it can. */
import type { Permission } from "@/api/can";
import type { Agent, AgentState } from "@/api/types";
import { formatCount, plural } from "@/lib/format";
import type { AllMatching } from "../actions";
import type { Grant } from "../can";
import { closed, runsNothing, whyNothing } from "../command/lacking";
import { HELD_WORDS, whyNoCommands } from "../enrolment/held-words";
import { machineOf } from "../enrolment/machine-act";
import { whyNotAll, whyNotAny, whyNotIn } from "../me";

/** What an answer depends on beside the machines. */
export interface Who {
  /** What whoever asks was given; not known yet, nothing is refused. */
  grants?: readonly Grant[] | undefined;
  /** Why nothing at all is run now: somebody stopped all commands. */
  stopped?: string | undefined;
  /** Why no custom field can be set. */
  noFields?: string | undefined;
}

export interface Asked {
  machines: readonly Agent[];
  who: Who;
  /** All that a filter matches are meant, and not only these. */
  all?: AllMatching | undefined;
}

export type Reason = (asked: Asked) => string | undefined;

/** Most machines of one run, as the server has it. */
const RUN_MAX = 20_000;
const ONLY_ROWS = "This is done to chosen rows only; on all that match something can be run.";

/** The first reason that holds: who may not do it at all need not hear of the rest. */
export const firstOf =
  (...reasons: Reason[]): Reason =>
  (asked) => {
    for (const reason of reasons) {
      const why = reason(asked);
      if (why) return why;
    }
    return undefined;
  };

export const stateOf = ({ state }: Pick<Agent, "state">): AgentState => state ?? "active";

/** It needs the permission on every one of them. */
export const lacks =
  (permission: Permission): Reason =>
  ({ machines, who: { grants } }) =>
    grants && whyNotAll(grants, permission, machines.map(machineOf));

/** It needs the permission on some: the server leaves out the others, and the form says so. */
const lacksAnywhere =
  (permission: Permission): Reason =>
  ({ machines, all, who: { grants } }) => {
    if (!grants) return undefined;
    return all ? whyNotIn(grants, permission, all.filter) : whyNotAny(grants, permission, machines.map(machineOf));
  };

export const onlyRows: Reason = ({ all }) => (all ? ONLY_ROWS : undefined);

/** One of other states is greyed with what it is; of several, all have to be in these states. */
export const onlyIn =
  (states: readonly AgentState[], otherwise: string): Reason =>
  ({ machines }) => {
    const others = machines.filter((machine) => !states.includes(stateOf(machine)));
    const [other] = others;
    if (!other) return undefined;
    if (machines.length === 1) return heldTitle(other) ?? "It is active.";
    return `${formatCount(others.length)} of these ${plural(machines.length, "machine")} ${others.length === 1 ? "is" : "are"} ${otherwise}.`;
  };

function heldTitle(machine: Agent): string | undefined {
  const state = stateOf(machine);
  return state === "active" ? undefined : `${HELD_WORDS[state].title}.`;
}

/** Why nothing with this permission is run on any of them. */
export const cannotRun = (permission: Permission): Reason =>
  firstOf(lacksAnywhere(permission), noneWorks, ({ who }) => who.stopped, noneCan, tooMany);

const noneWorks: Reason = ({ machines, all }) => {
  const [only] = machines;
  if (all || !only || machines.some((machine) => stateOf(machine) === "active")) return undefined;
  if (machines.length === 1) return whyNoCommands(only);
  return "None of these machines may work: they wait, are quarantined or have left.";
};

const noneCan: Reason = ({ machines, all }) => {
  const [only] = machines;
  if (all || !only || !machines.every(runsNothing)) return undefined;
  if (machines.length > 1) return "None of these machines can run commands, as they said when they connected.";
  const why = whyNothing(only);
  return `It cannot run commands${why ? `: ${closed(why)}` : ", as it said when it connected."}`;
};

const tooMany: Reason = ({ machines, all }) =>
  (all?.count ?? machines.length) > RUN_MAX ? `A run is for ${formatCount(RUN_MAX)} machines at most.` : undefined;

/** Another key that is on its way is not asked for again. */
export const keyIsComing: Reason = ({ machines }) => {
  if (!machines.every(({ rotate_requested_at }) => rotate_requested_at)) return undefined;
  return machines.length === 1
    ? "Another key waits for the machine already."
    : "Another key waits for each of these machines already.";
};
