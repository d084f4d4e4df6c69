import { Clock, Download, WrapText } from "lucide-react";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { cn } from "@/lib/cn";
import { downloadText } from "@/lib/download";
import { formatBytes } from "@/lib/format";
import { createStore, type Store, useStore } from "@/lib/store";
import { Button } from "@/ui/button";
import { Segmented } from "@/ui/segmented";
import { CopyButton } from "../copy";
import type { Source } from "./ansi";
import { type EncodingChoice, EncodingMenu } from "./encoding-menu";
import { OutputStream } from "./output-stream";
import { bothTexts, type LineTimes, type Piece, plainText, timed } from "./output-text";
import { RestNotice } from "./rest-notice";
import { type Rest, withLoaded } from "./use-rest";

interface OutputViewProps {
  stdout: string;
  stderr: string;
  /** Both as they came, while they come. */
  pieces: readonly Piece[];
  stdoutBytes: number;
  stderrBytes: number;
  /** When their lines began, of a command that has ended. */
  stdoutTimes?: LineTimes;
  stderrTimes?: LineTimes;
  /** What lies on the machine beyond what the server keeps. Without them nothing of it can be had here. */
  rests?: Record<Source, Rest>;
  /** Without it the reader has no choice. */
  encoding?: EncodingChoice | undefined;
  isRunning: boolean;
  isTruncated: boolean;
  /** What it is called when it is saved. */
  fileName: string;
}

const isBoolean = (stored: unknown): stored is boolean => typeof stored === "boolean";
const wrapStore = createStore(true, "gururmm.output.wrap", isBoolean);

const timesStore = createStore(false, "gururmm.output.times", isBoolean);

type Part = "both" | "output" | "errors";
const WORD = { stdout: "output", stderr: "errors" } as const;

/** What a command wrote, each part following its end until the reader scrolls up. */
export function OutputView(props: OutputViewProps) {
  const { stdout, stderr, pieces, stdoutTimes, stderrTimes, rests, encoding, isRunning } = props;
  const [part, setPart] = useState<Part>("both");
  const isWrapped = useStore(wrapStore);
  const hasTimes = useStore(timesStore);
  const latest = useRef(props);
  latest.current = props;
  const text = () => textOf(part, latest.current);
  const isEmpty =
    part === "output" ? stdout === "" : part === "errors" ? stderr === "" : stdout === "" && stderr === "";
  const ended = {
    stdout: useMemo(() => (isRunning ? [] : timed("stdout", stdout, stdoutTimes)), [isRunning, stdout, stdoutTimes]),
    stderr: useMemo(() => (isRunning ? [] : timed("stderr", stderr, stderrTimes)), [isRunning, stderr, stderrTimes]),
  };
  const all = (stream: Source): Piece[] => [
    ...(isRunning ? pieces.filter((piece) => piece.stream === stream) : ended[stream]),
    ...(rests?.[stream].loaded ?? []).map((piece) => ({ stream, text: piece.text })),
  ];
  const look = { isRunning, isWrapped, hasTimes };
  const stream = (name: Source) => <OutputStream key={name} stream={name} pieces={all(name)} {...look} />;
  const notice = (name: Source) =>
    rests && (
      <RestNotice
        of={WORD[name]}
        rest={rests[name]}
        onMore={() => rests[name].showMore(() => latest.current.pieces.length)}
        onSaveAll={() => rests[name].saveAll(all(name), props.fileName.replace(/(\.txt)?$/, `-${WORD[name]}.txt`))}
      />
    );
  const size = (bytes: number, written: string) => formatBytes(Math.max(bytes, written.length));
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
        <div className="ml-auto flex min-w-0 max-w-full flex-wrap gap-1.5 max-sm:ml-0">
          {encoding && !isRunning && (stdout !== "" || stderr !== "") && (
            <EncodingMenu {...encoding} readAs={readAs(part, props, encoding)} />
          )}
          <Toggle store={wrapStore}>
            <WrapText /> Wrap
          </Toggle>
          <Toggle store={timesStore}>
            <Clock /> Times
          </Toggle>
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
      {part === "both" && isRunning ? (
        <>
          <OutputStream pieces={bothPieces(props)} {...look} />
          {notice("stdout")}
          {notice("stderr")}
        </>
      ) : part === "both" && stderr !== "" ? (
        <>
          <h3 className="font-medium text-xs">Output</h3>
          {stream("stdout")}
          {notice("stdout")}
          <h3 className="font-medium text-xs">Errors</h3>
          {stream("stderr")}
          {notice("stderr")}
        </>
      ) : (
        <>
          {stream(part === "errors" ? "stderr" : "stdout")}
          {notice(part === "errors" ? "stderr" : "stdout")}
        </>
      )}
      {props.isTruncated && !rests && (
        <p className="text-soft text-xs">The output was longer than the server keeps; the end is missing here.</p>
      )}
    </div>
  );
}

/** A way to look at output that holds wherever output is shown, also the next time. */
function Toggle({ store, children }: { store: Store<boolean>; children: ReactNode }) {
  const isOn = useStore(store);
  return (
    <Button
      size="sm"
      aria-pressed={isOn}
      onClick={() => store.set(!isOn)}
      className={cn(isOn && "border-accent bg-accent-soft text-accent-text")}
    >
      {children}
    </Button>
  );
}

function readAs(part: Part, { stdout, stderr }: OutputViewProps, read: EncodingChoice): EncodingChoice["stdout"][] {
  if (part !== "both") return [part === "errors" ? read.stderr : read.stdout];
  return [...(stdout === "" ? [] : [read.stdout]), ...(stderr === "" ? [] : [read.stderr])];
}

function bothPieces({ pieces, rests }: OutputViewProps): readonly Piece[] {
  if (!rests) return pieces;
  const streams = ["stdout", "stderr"] as const;
  return withLoaded(
    pieces,
    streams.map((stream) => ({ stream, loaded: rests[stream].loaded })),
  );
}

function textOf(part: Part, props: OutputViewProps): string {
  const whole = (stream: Source) =>
    props[stream] + (props.rests?.[stream].loaded ?? []).map((piece) => piece.text).join("");
  if (part === "output") return plainText([{ stream: "stdout", text: whole("stdout") }]);
  if (part === "errors") return plainText([{ stream: "stderr", text: whole("stderr") }]);
  return props.isRunning ? plainText(bothPieces(props)) : bothTexts(whole("stdout"), whole("stderr"));
}
