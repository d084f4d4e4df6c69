import { useMemo } from "react";
import type { Command } from "@/api/types";
import { type CodeKind, codeParts } from "./code";

const LOOK: Record<CodeKind, string> = {
  plain: "",
  comment: "text-soft italic",
  string: "text-ok",
  variable: "text-info",
  keyword: "font-semibold text-accent-text",
  number: "text-warn",
};

/** The whole text of a command, with the colours of code. */
export function CodeText({ command }: { command: Pick<Command, "command" | "command_type" | "interpreter"> }) {
  const { command: text, command_type, interpreter } = command;
  const parts = useMemo(() => codeParts(text, command_type, interpreter), [text, command_type, interpreter]);
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
      tabIndex={0}
      aria-label="Text of the command"
      className="max-h-96 overflow-auto -outline-offset-2"
    >
      <pre className="whitespace-pre-wrap break-words font-mono text-xs">
        {parts.map((part, index) => {
          // Parts of the same text never change their place.
          const key = String(index);
          return part.kind === "plain" ? (
            part.text
          ) : (
            <span key={key} className={LOOK[part.kind]}>
              {part.text}
            </span>
          );
        })}
      </pre>
    </section>
  );
}
