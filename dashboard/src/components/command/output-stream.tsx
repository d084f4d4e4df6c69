import { memo, type UIEvent, useEffect, useRef } from "react";
import { cn } from "@/lib/cn";
import type { Block, Source } from "./ansi";
import { lookOf } from "./ansi-look";
import { type Piece, type Reading, readOn } from "./output-text";

const LINE_HEIGHT = 18;
const NAME: Record<Source, string> = { stdout: "Standard output", stderr: "Standard error" };

/** What is out of view costs no layout, and new output touches the last block only. */
const BlockText = memo(function BlockText({ block, isAlone }: { block: Block; isAlone: boolean }) {
  return (
    <span
      className={cn("block", !isAlone && "[content-visibility:auto]")}
      style={isAlone ? undefined : { containIntrinsicHeight: `auto ${block.lines * LINE_HEIGHT}px` }}
    >
      {block.runs.map(({ text, style }, index) => {
        const look = lookOf(style);
        // Runs never change their place.
        const key = String(index);
        return look.className === "" ? (
          text
        ) : (
          <span key={key} className={look.className} style={look.style}>
            {text}
          </span>
        );
      })}
    </span>
  );
});

interface CommonProps {
  isRunning: boolean;
  isWrapped: boolean;
}
type OutputStreamProps = CommonProps & ({ stream: Source; text: string } | { pieces: readonly Piece[] });

/** One stream, or both as they came. */
export function OutputStream(props: OutputStreamProps) {
  const { isRunning, isWrapped } = props;
  const pieces = "pieces" in props ? props.pieces : [{ stream: props.stream, text: props.text }];
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
  const isError = "stream" in props && props.stream === "stderr";
  return (
    <section
      ref={box}
      onScroll={onScroll}
      aria-label={"stream" in props ? NAME[props.stream] : "Standard output and standard error"}
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
          <BlockText key={String(index)} block={block} isAlone={blocks.length === 1} />
        ))}
      </pre>
    </section>
  );
}
