import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { codeLook, modeOf } from "./code-setup";
import type { Language } from "./language";

export interface DiffSide {
  label: string;
  text: string;
}

export interface DiffViewProps {
  old: DiffSide;
  new: DiffSide;
  language: Language;
  /** One below the other, for a narrow screen; else side by side. */
  isUnified: boolean;
  /** Also what is the same in both. */
  isWhole: boolean;
}

/** A line below, and no ground: every colour of the text stays readable on it. */
const underlined = (token: string): string =>
  `linear-gradient(var(${token}), var(${token})) bottom / 100% 2px no-repeat`;

const theme = EditorView.theme({
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": { backgroundColor: "var(--bad-soft)" },
  "&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine": { backgroundColor: "var(--ok-soft)" },
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText": { background: underlined("--bad") },
  "&.cm-merge-b .cm-changedText": { background: underlined("--ok") },
  "&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter": { background: "var(--bad)" },
  "&.cm-merge-b .cm-changedLineGutter": { background: "var(--ok)" },
  "& .cm-collapsedLines": { background: "var(--subtle)", color: "var(--ink-soft)" },
  "& .cm-collapsedLines:before, & .cm-collapsedLines:after": { content: '"…"' },
});

const CONFIG = {
  gutter: true,
  // Two long texts that have nothing in common must not hold up the page.
  diffConfig: { scanLimit: 2000, timeout: 500 },
};

/** What two texts have that the other has not. */
export function DiffView({ old, new: next, language, isUnified, isWhole }: DiffViewProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = box.current;
    if (!parent) return;
    const look = (label: string): Extension[] => [
      ...codeLook(label),
      theme,
      modeOf(language),
      EditorState.readOnly.of(true),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-readonly": "true" }),
    ];
    const config = { ...CONFIG, ...(isWhole ? {} : { collapseUnchanged: { margin: 3, minSize: 6 } }) };
    const view = isUnified
      ? new EditorView({
          parent,
          doc: next.text,
          extensions: [
            look(`${next.label}, with what ${old.label} had instead`),
            unifiedMergeView({ ...config, original: old.text, mergeControls: false }),
          ],
        })
      : new MergeView({
          parent,
          a: { doc: old.text, extensions: look(old.label) },
          b: { doc: next.text, extensions: look(next.label) },
          ...config,
        });
    return () => view.destroy();
  }, [old.text, old.label, next.text, next.label, language, isUnified, isWhole]);
  return <div ref={box} className="max-h-[70dvh] overflow-auto" />;
}
