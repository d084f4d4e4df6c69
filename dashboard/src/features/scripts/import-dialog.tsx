import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, CircleEqual, CirclePlus, Clock, FileUp, LoaderCircle } from "lucide-react";
import { type ReactNode, useRef } from "react";
import type { ScriptImported } from "@/api/types";
import { fullName } from "@/components/script/script-picker";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ENDINGS, type ImportState } from "./import-file";
import type { Import, Imports } from "./use-imports";

interface ImportDialogProps {
  imports: Imports;
  onClose: () => void;
}

/** Takes files into the library, and says of each what became of it. */
export function ImportDialog({ imports, onClose }: ImportDialogProps) {
  const input = useRef<HTMLInputElement>(null);
  const { list, isRunning } = imports;
  return (
    <Dialog
      isOpen
      isSticky
      onClose={onClose}
      title="Import files"
      description="Each file becomes a script, or a new version of the script that it was. Nothing is approved by this."
      className="max-w-xl"
      footer={<Button onClick={onClose}>{isRunning ? "Close and go on" : "Close"}</Button>}
    >
      <div className="flex flex-col gap-4">
        <div className="flex flex-col items-center gap-2 rounded-md border border-line-strong border-dashed px-4 py-6 text-center">
          <FileUp aria-hidden className="size-6 text-soft" />
          <p className="text-sm text-soft">Shell, PowerShell, cmd, Python and other scripts, several at once.</p>
          <input
            ref={input}
            type="file"
            multiple
            accept={ENDINGS}
            aria-label="Files to import"
            className="sr-only"
            tabIndex={-1}
            onChange={(event) => {
              imports.add([...(event.target.files ?? [])]);
              // The same file can be chosen again when it was corrected.
              event.target.value = "";
            }}
          />
          <Button variant={list.length === 0 ? "primary" : "secondary"} onClick={() => input.current?.click()}>
            Choose files
          </Button>
        </div>
        {list.length > 0 && <Results list={list} isRunning={isRunning} />}
      </div>
    </Dialog>
  );
}

function Results({ list, isRunning }: { list: Import[]; isRunning: boolean }) {
  const failed = list.filter(({ state }) => state.step === "failed").length;
  return (
    <section aria-label="What became of them">
      <p role="status" className="mb-1.5 text-sm">
        {isRunning
          ? `Importing ${plural(list.length, "file")}…`
          : failed > 0
            ? `${plural(failed, "file")} of ${list.length} could not be imported.`
            : `${plural(list.length, "file")} imported.`}
      </p>
      <ul aria-label="Files" className="divide-y divide-line rounded-md border border-line">
        {list.map((one) => (
          <li key={one.key} className="flex items-start gap-2.5 px-3 py-2 text-sm">
            <span className="mt-0.5 [&_svg]:size-4">{iconOf(one.state)}</span>
            <span className="min-w-0 flex-1">
              <span className="block break-words font-mono text-xs leading-5">{one.name}</span>
              <Outcome state={one.state} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function iconOf(state: ImportState): ReactNode {
  switch (state.step) {
    case "waiting":
      return <Clock aria-hidden className="text-soft" />;
    case "sending":
      return <LoaderCircle aria-hidden className="animate-pulse-soft text-info" />;
    case "failed":
      return <CircleAlert aria-hidden className="text-bad" />;
    case "done":
      return ICON[state.answer.outcome];
  }
}

const ICON: Record<ScriptImported["outcome"], ReactNode> = {
  created: <CirclePlus aria-hidden className="text-ok" />,
  new_version: <CircleCheck aria-hidden className="text-ok" />,
  unchanged: <CircleEqual aria-hidden className="text-soft" />,
};

function Outcome({ state }: { state: ImportState }) {
  if (state.step === "failed") return <span className="block break-words text-bad text-xs">{state.reason}</span>;
  if (state.step !== "done") {
    return (
      <span className="block text-soft text-xs">{state.step === "waiting" ? "Waits for its turn" : "Importing…"}</span>
    );
  }
  const { outcome, script } = state.answer;
  return (
    <span className="block break-words text-xs">
      {outcomeWords(outcome, script.newest_version)}{" "}
      <Link to="/scripts/$id" params={{ id: script.id }} className="font-medium text-accent-text hover:underline">
        {fullName(script)}
      </Link>
    </span>
  );
}

function outcomeWords(outcome: ScriptImported["outcome"], version: number): string {
  if (outcome === "created") return "Created:";
  return outcome === "new_version" ? `New version ${version} of` : "Unchanged:";
}
