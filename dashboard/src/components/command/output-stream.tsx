import { memo, type ReactNode, type UIEvent, useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import type { Block, Run, Source } from "./ansi";
import { lookOf } from "./ansi-look";
import { clockTime, type Piece, type Reading, readOn } from "./output-text";

const LINE_HEIGHT = 18;
const NAME: Record<Source, string> = { stdout: "Standard output", stderr: "Standard error" };

function styled({ text, style }: Run, key: string): ReactNode {
  const look = lookOf(style);
  return look.className === "" ? (
    text
  ) : (
    <span key={key} className={look.className} style={look.style}>
      {text}
    </span>
  );
}

const NO_TIME = " ".repeat(12);

/** The lines with the time before each, which is no part of the text: it is neither selected nor read out. */
function withTimes({ runs, times }: Block): ReactNode[] {
  let line = 0;
  let at: string | undefined;
  let words = NO_TIME;
  const time = () => {
    // Many lines in a row have one time.
    if (times[line] !== at) {
      at = times[line];
      words = (at && clockTime(at)) || NO_TIME;
    }
    const key = `time ${line}`;
    line += 1;
    return (
      <span key={key} aria-hidden className="select-none opacity-60">
        {`${words}  `}
      </span>
    );
  };
  const nodes: ReactNode[] = [time()];
  for (const [index, run] of runs.entries()) {
    const texts = run.text.split("\n");
    for (const [place, text] of texts.entries()) {
      const isEnded = place < texts.length - 1;
      const key = `${index} ${place}`;
      if (isEnded || text !== "") nodes.push(styled({ text: isEnded ? `${text}\n` : text, style: run.style }, key));
      if (isEnded) nodes.push(time());
    }
  }
  return nodes;
}

interface BlockTextProps {
  block: Block;
  isAlone: boolean;
  hasTimes: boolean;
}

/** What is out of view costs no layout, and new output touches the last block only. */
const BlockText = memo(function BlockText({ block, isAlone, hasTimes }: BlockTextProps) {
  return (
    <span
      className={cn("block", !isAlone && "[content-visibility:auto]")}
      style={isAlone ? undefined : { containIntrinsicHeight: `auto ${block.lines * LINE_HEIGHT}px` }}
    >
      {/* Runs never change their place. */}
      {hasTimes ? withTimes(block) : block.runs.map((run, index) => styled(run, String(index)))}
    </span>
  );
});

interface OutputStreamProps {
  /** Both when it is none. */
  stream?: Source;
  pieces: readonly Piece[];
  isRunning: boolean;
  isWrapped: boolean;
  hasTimes: boolean;
}

/** One stream, or both as they came. */
export function OutputStream({ stream, pieces, isRunning, isWrapped, hasTimes }: OutputStreamProps) {
  const reading = useRef<Reading>(undefined);
  // Reading on is the same however often it is done.
  reading.current = readOn(reading.current, pieces);
  const { blocks } = reading.current;
  const box = useRef<HTMLElement>(null);
  const isFollowing = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text is what moves the end
  useEffect(() => {
    const element = box.current;
    if (element && isRunning && isFollowing.current) element.scrollTop = element.scrollHeight;
  }, [blocks, isRunning]);
  const onScroll = (event: UIEvent<HTMLElement>) => {
    const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
    isFollowing.current = scrollHeight - scrollTop - clientHeight < 24;
  };
  const isError = stream === "stderr";
  return (
    <section
      ref={box}
      onScroll={onScroll}
      aria-label={stream ? NAME[stream] : "Standard output and standard error"}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
      tabIndex={0}
      className={cn(
        "max-h-96 overflow-auto rounded-md border-l-3 bg-console px-3 py-2 -outline-offset-2",
        blocks.length === 0 ? "border-l-line" : isError ? "border-l-bad" : "border-l-ok",
      )}
    >
      <pre
        className={cn("font-mono text-console-ink text-xs", isWrapped ? "whitespace-pre-wrap break-words" : "w-max")}
      >
        {blocks.length === 0 && (
          <span className="opacity-70">{isRunning ? "Nothing yet." : "Nothing was written."}</span>
        )}
        {blocks.map((block, index) => (
          // Blocks never change their place; all but the last never change.
          <BlockText key={String(index)} block={block} isAlone={blocks.length === 1} hasTimes={hasTimes} />
        ))}
      </pre>
    </section>
  );
}
