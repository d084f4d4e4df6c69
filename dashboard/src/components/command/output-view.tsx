import { Download, WrapText } from "lucide-react";
import { useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { downloadText } from "@/lib/download";
import { formatBytes } from "@/lib/format";
import { createStore, useStore } from "@/lib/store";
import { Button } from "@/ui/button";
import { Segmented } from "@/ui/segmented";
import { CopyButton } from "../copy";
import { OutputStream } from "./output-stream";
import { bothTexts, type Piece, plainText } from "./output-text";

interface OutputViewProps {
  stdout: string;
  stderr: string;
  /** Both as they came, while they come. */
  pieces: readonly Piece[];
  stdoutBytes: number;
  stderrBytes: number;
  isRunning: boolean;
  isTruncated: boolean;
  /** What it is called when it is saved. */
  fileName: string;
}

const isBoolean = (stored: unknown): stored is boolean => typeof stored === "boolean";
const wrapStore = createStore(true, "gururmm.output.wrap", isBoolean);

type Part = "both" | "output" | "errors";

/** What a command wrote, each part following its end until the reader scrolls up. */
export function OutputView(props: OutputViewProps) {
  const { stdout, stderr, pieces, isRunning } = props;
  const [part, setPart] = useState<Part>("both");
  const isWrapped = useStore(wrapStore);
  const latest = useRef(props);
  latest.current = props;
  const text = () => textOf(part, latest.current);
  const isEmpty =
    part === "output" ? stdout === "" : part === "errors" ? stderr === "" : stdout === "" && stderr === "";
  const size = (bytes: number, written: string) => formatBytes(Math.max(bytes, written.length));
  const output = <OutputStream stream="stdout" text={stdout} isRunning={isRunning} isWrapped={isWrapped} />;
  const errors = <OutputStream stream="stderr" text={stderr} isRunning={isRunning} isWrapped={isWrapped} />;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5">
        <Segmented<Part>
          label="Shown"
          value={part}
          onValue={setPart}
          options={[
            { value: "both", label: "Both" },
            { value: "output", label: "Output", hint: size(props.stdoutBytes, stdout) },
            { value: "errors", label: "Errors", hint: size(props.stderrBytes, stderr) },
          ]}
        />
        <div className="ml-auto flex flex-wrap gap-1.5">
          <Button
            size="sm"
            aria-pressed={isWrapped}
            onClick={() => wrapStore.set(!isWrapped)}
            className={cn(isWrapped && "border-accent bg-accent-soft text-accent-text")}
          >
            <WrapText /> Wrap
          </Button>
          {!isEmpty && (
            <>
              <CopyButton text={text} size="sm" />
              <Button size="sm" onClick={() => downloadText(props.fileName, "text/plain;charset=utf-8", text())}>
                <Download /> Download
              </Button>
            </>
          )}
        </div>
      </div>
      {part === "errors" ? (
        errors
      ) : part === "output" ? (
        output
      ) : isRunning ? (
        <OutputStream pieces={pieces} isRunning isWrapped={isWrapped} />
      ) : stderr === "" ? (
        output
      ) : (
        <>
          <h3 className="font-medium text-xs">Output</h3>
          {output}
          <h3 className="font-medium text-xs">Errors</h3>
          {errors}
        </>
      )}
      {props.isTruncated && (
        <p className="text-soft text-xs">The output was longer than the server keeps; the end is missing here.</p>
      )}
    </div>
  );
}

function textOf(part: Part, { stdout, stderr, pieces, isRunning }: OutputViewProps): string {
  if (part === "output") return plainText([{ stream: "stdout", text: stdout }]);
  if (part === "errors") return plainText([{ stream: "stderr", text: stderr }]);
  return isRunning ? plainText(pieces) : bothTexts(stdout, stderr);
}
