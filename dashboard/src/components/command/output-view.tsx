import { memo, type UIEvent, useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import { formatBytes } from "@/lib/format";
import { CopyButton } from "../copy";

interface OutputViewProps {
  stdout: string;
  stderr: string;
  stdoutBytes: number;
  stderrBytes: number;
  isRunning: boolean;
  isTruncated: boolean;
}

/** Both streams of a command, apart from each other, each following its end until the reader scrolls up. */
export function OutputView(props: OutputViewProps) {
  const { isRunning } = props;
  return (
    <div className="flex flex-col gap-3">
      <Stream label="Standard output" text={props.stdout} bytes={props.stdoutBytes} isRunning={isRunning} />
      <Stream label="Standard error" text={props.stderr} bytes={props.stderrBytes} isRunning={isRunning} isError />
      {props.isTruncated && (
        <p className="text-soft text-xs">The output was longer than the server keeps; the end is missing here.</p>
      )}
    </div>
  );
}

const BLOCK_LINES = 500;
const LINE_HEIGHT = 18;

/** The text in blocks of whole lines: what is out of view costs no layout, and new output touches the last block only. */
export function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let start = 0;
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    lines += 1;
    if (lines < BLOCK_LINES) continue;
    blocks.push(text.slice(start, at));
    start = at + 1;
    lines = 0;
  }
  if (start < text.length) blocks.push(text.slice(start));
  return blocks;
}

const Block = memo(function Block({ text }: { text: string }) {
  return (
    <span
      className="block [content-visibility:auto]"
      style={{ containIntrinsicHeight: `auto ${BLOCK_LINES * LINE_HEIGHT}px` }}
    >
      {text}
    </span>
  );
});

interface StreamProps {
  label: string;
  text: string;
  bytes: number;
  isRunning: boolean;
  isError?: boolean;
}

function Stream({ label, text, bytes, isRunning, isError }: StreamProps) {
  const box = useRef<HTMLElement>(null);
  const isFollowing = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text is what moves the end
  useEffect(() => {
    const element = box.current;
    if (element && isRunning && isFollowing.current) element.scrollTop = element.scrollHeight;
  }, [text, isRunning]);
  const onScroll = (event: UIEvent<HTMLElement>) => {
    const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
    isFollowing.current = scrollHeight - scrollTop - clientHeight < 24;
  };
  return (
    <div
      className={cn(
        "overflow-hidden rounded-md border border-line border-l-3",
        text === "" ? "border-l-line" : isError ? "border-l-bad" : "border-l-ok",
      )}
    >
      <div className="flex min-h-8 items-center gap-2 bg-subtle px-3 py-0.5 text-xs">
        <span className="font-medium">{label}</span>
        <span className="flex-1 text-soft">{formatBytes(Math.max(bytes, text.length))}</span>
        {text !== "" && <CopyButton text={text} size="sm" />}
      </div>
      <section
        ref={box}
        onScroll={onScroll}
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
        tabIndex={0}
        className="max-h-96 overflow-auto bg-console px-3 py-2 -outline-offset-2"
      >
        <pre
          className={cn(
            "whitespace-pre-wrap break-words font-mono text-xs",
            isError && text !== "" ? "text-console-bad" : "text-console-ink",
          )}
        >
          {text === "" && <span className="opacity-70">{isRunning ? "Nothing yet." : "Nothing was written."}</span>}
          {blocksOf(text).map((block, index) => (
            // Blocks never change their place; all but the last never change.
            <Block key={String(index)} text={block} />
          ))}
        </pre>
      </section>
    </div>
  );
}
