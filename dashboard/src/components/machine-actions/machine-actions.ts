/**
 * All that can be done with machines, in one list: the page of a machine, its row, the bar of the selection and the
 * palette show this and nothing of their own. WHEN ADDING AN ACTION: a rule here, what it opens in open-action.ts.
 */
import {
  Check,
  CircleStop,
  FileCode,
  FolderInput,
  KeyRound,
  type LucideIcon,
  Pencil,
  Play,
  RotateCw,
  ShieldAlert,
  ShieldCheck,
  SquareTerminal,
  Tag,
  Tags,
  TextCursorInput,
  Trash2,
  UserX,
} from "lucide-react";
import type { Agent, AgentState } from "@/api/types";
import type { AllMatching } from "../actions";
import {
  type Asked,
  cannotRun,
  firstOf,
  keyIsComing,
  lacks,
  onlyIn,
  onlyRows,
  type Reason,
  stateOf,
  type Who,
} from "./reasons";

export type MachineActionId =
  | "run_command"
  | "run_script"
  | "show_commands"
  | "cancel_waiting"
  | "rename"
  | "labels"
  | "add_tags"
  | "remove_tags"
  | "set_field"
  | "move"
  | "approve"
  | "reject"
  | "release"
  | "quarantine"
  | "rotate"
  | "revoke"
  | "delete";

export interface MachineAction {
  id: MachineActionId;
  /** On its button, in its menu. */
  label: string;
  icon: LucideIcon;
  /** Those of one group stand together. */
  group: "run" | "edit" | "identity" | "remove";
  isDanger?: boolean;
  /** Why it cannot be done now, or not by whoever asks. */
  disabledReason?: string | undefined;
}

interface Rule extends Omit<MachineAction, "disabledReason"> {
  /** For one machine, or for several; for any number unless told. */
  number?: "one" | "several";
  /** Where it makes sense at all; elsewhere it is left out. */
  isFor?: (machines: readonly Agent[]) => boolean;
  why: Reason;
}

const edits = firstOf(lacks("agents.edit"), onlyRows);
const decides = firstOf(lacks("agents.approve"), onlyRows);
const someAre =
  (state: AgentState) =>
  (machines: readonly Agent[]): boolean =>
    machines.some((machine) => stateOf(machine) === state);

const RULES: readonly Rule[] = [
  { id: "run_command", label: "Run a command…", icon: Play, group: "run", why: cannotRun("commands.run") },
  { id: "run_script", label: "Run a script…", icon: FileCode, group: "run", why: cannotRun("scripts.run") },
  {
    id: "show_commands",
    label: "Show its commands",
    icon: SquareTerminal,
    group: "run",
    number: "one",
    why: lacks("commands.view"),
  },
  {
    id: "cancel_waiting",
    label: "Cancel what waits…",
    icon: CircleStop,
    group: "run",
    number: "one",
    why: lacks("commands.run"),
  },
  { id: "rename", label: "Rename…", icon: Pencil, group: "edit", number: "one", why: edits },
  { id: "labels", label: "Edit tags and fields…", icon: Tag, group: "edit", number: "one", why: edits },
  { id: "add_tags", label: "Add tags…", icon: Tag, group: "edit", number: "several", why: edits },
  { id: "remove_tags", label: "Remove tags…", icon: Tags, group: "edit", number: "several", why: edits },
  {
    id: "set_field",
    label: "Set field…",
    icon: TextCursorInput,
    group: "edit",
    number: "several",
    why: firstOf(edits, ({ who }) => who.noFields),
  },
  { id: "move", label: "Move to site…", icon: FolderInput, group: "edit", why: edits },
  {
    id: "approve",
    label: "Approve…",
    icon: Check,
    group: "identity",
    isFor: someAre("waiting"),
    why: firstOf(decides, onlyIn(["waiting"], "not waiting to be let in")),
  },
  {
    id: "reject",
    label: "Reject…",
    icon: UserX,
    group: "identity",
    isDanger: true,
    isFor: someAre("waiting"),
    why: firstOf(decides, onlyIn(["waiting"], "not waiting to be let in")),
  },
  {
    id: "release",
    label: "Release…",
    icon: ShieldCheck,
    group: "identity",
    isFor: someAre("quarantined"),
    why: firstOf(decides, onlyIn(["quarantined"], "not quarantined")),
  },
  {
    id: "quarantine",
    label: "Quarantine…",
    icon: ShieldAlert,
    group: "identity",
    isFor: (machines) => machines.some((machine) => stateOf(machine) !== "quarantined"),
    why: firstOf(decides, onlyIn(["active"], "not active")),
  },
  {
    id: "rotate",
    label: "Give another key…",
    icon: RotateCw,
    group: "identity",
    why: firstOf(decides, onlyIn(["active"], "not active"), keyIsComing),
  },
  {
    id: "revoke",
    label: "Revoke key…",
    icon: KeyRound,
    group: "identity",
    isDanger: true,
    why: firstOf(decides, onlyIn(["active", "waiting", "quarantined"], "without a key already")),
  },
  {
    id: "delete",
    label: "Delete…",
    icon: Trash2,
    group: "remove",
    isDanger: true,
    why: firstOf(lacks("agents.delete"), onlyRows),
  },
];

/** What can be done with these machines, or with all that match, by whom. */
export function machineActions(machines: readonly Agent[], who: Who, all?: AllMatching): MachineAction[] {
  if (machines.length === 0) return [];
  const asked: Asked = { machines, who, all };
  const number = machines.length === 1 && !all ? "one" : "several";
  return RULES.filter((rule) => (rule.number ?? number) === number && (rule.isFor?.(machines) ?? true)).map(
    ({ number: _number, isFor: _isFor, why, ...action }) => ({ ...action, disabledReason: why(asked) }),
  );
}
