import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { CommandRun, Script } from "@/api/types";
import { plural } from "@/lib/format";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Skeleton } from "@/ui/panel";
import { toast } from "@/ui/toaster";
import type { AllMatching } from "../actions";
import type { Machine } from "../each-machine";
import { ErrorView } from "../feedback";
import { type MachineChoice, MachinesField } from "../machines-field";
import { RunScriptForm } from "./run-script-form";
import { ScriptPicker } from "./script-picker";
import type { Where } from "./use-cannot-run-script";
import { scriptQuery, useScriptVersion, usualVersion } from "./use-script";
import { VersionChoice } from "./version-choice";

export interface RunScriptDialogProps {
  /** Which script; one is chosen in the dialog unless told. */
  scriptId?: string | undefined;
  /** On which machines; they are chosen in the dialog unless told. */
  machines?: Machine[] | undefined;
  /** All that a filter of the list matches, and not only these. */
  all?: AllMatching | undefined;
  onClose: () => void;
  onStarted?: (run: CommandRun) => void;
}

/** Runs a script of the library: which, where, with what. Then it leads to the run. */
export function RunScriptDialog({ scriptId, machines, all, onClose, onStarted }: RunScriptDialogProps) {
  const navigate = useNavigate();
  const [picked, setPicked] = useState<Script>();
  const [choice, setChoice] = useState<MachineChoice>({ machines: [] });
  const isFixed = machines !== undefined || all !== undefined;
  const where: Where = isFixed ? { machines: machines ?? [], all } : choice;
  const id = scriptId ?? picked?.id;
  const query = useQuery({ ...scriptQuery(id ?? ""), enabled: id !== undefined });
  const script = id === undefined ? undefined : query.data;
  const started = (run: CommandRun) => {
    onClose();
    onStarted?.(run);
    tell(run);
    void navigate({ to: "/command-runs/$id", params: { id: run.id } });
  };
  return (
    <Dialog
      isOpen
      isSticky
      onClose={onClose}
      title={scriptId && script ? `Run ${script.name}` : "Run a script"}
      description={isFixed ? whereWords(where) : undefined}
      className="max-w-2xl"
    >
      <div className="flex flex-col gap-4">
        {!scriptId && (
          <Field label="Script">
            {(control) => <ScriptPicker control={control} value={picked} onValue={setPicked} />}
          </Field>
        )}
        {script ? (
          <ScriptAndVersion key={script.id} script={script} where={where} onStarted={started}>
            {(os) => !isFixed && <MachinesField value={choice} onValue={setChoice} os={os} />}
          </ScriptAndVersion>
        ) : query.error ? (
          <ErrorView error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          id && <Skeleton className="h-40 w-full" />
        )}
      </div>
    </Dialog>
  );
}

interface ScriptAndVersionProps {
  script: Script;
  where: Where;
  onStarted: (run: CommandRun) => void;
  /** The choice of machines, of the one system that the version is for, if it is for one only. */
  children: (os: Machine["os"]) => ReactNode;
}

function ScriptAndVersion({ script, where, onStarted, children }: ScriptAndVersionProps) {
  const [number, setNumber] = useState(() => usualVersion(script));
  const { version, error, refetch } = useScriptVersion(script.id, number);
  if (!version) {
    return error ? <ErrorView error={error} onRetry={() => void refetch()} /> : <Skeleton className="h-40 w-full" />;
  }
  const [os, ...others] = version.platforms;
  return (
    <RunScriptForm key={number} script={script} version={version} where={where} onStarted={onStarted}>
      {script.description && (
        <p className="line-clamp-4 whitespace-pre-wrap break-words text-sm text-soft">{script.description}</p>
      )}
      <VersionChoice script={script} number={number} onNumber={setNumber} />
      {children(others.length === 0 ? os : undefined)}
    </RunScriptForm>
  );
}

function whereWords({ machines, all }: Where): string {
  if (all) return `On all that match, ${plural(all.count, "machine")} in the list`;
  return machines.length === 1 && machines[0] ? `On ${machines[0].name}` : `On ${plural(machines.length, "machine")}`;
}

function tell(run: CommandRun): void {
  if (run.status === "awaiting_approval") {
    toast("note", "A second person has to approve it", "It begins as soon as somebody has.");
  } else {
    toast("done", `Running on ${plural(run.counts.total, "machine")}`);
  }
}
