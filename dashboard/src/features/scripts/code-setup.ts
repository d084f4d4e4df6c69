/** What the editor and the comparison share. Only lazy parts import this: it brings CodeMirror with it. */
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { powerShell } from "@codemirror/legacy-modes/mode/powershell";
import { python } from "@codemirror/legacy-modes/mode/python";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { getNonce } from "get-nonce";
import type { Language } from "./language";

const MODES: Record<Language, Extension> = {
  shell: StreamLanguage.define(shell),
  powershell: StreamLanguage.define(powerShell),
  python: StreamLanguage.define(python),
  plain: [],
};

export const modeOf = (language: Language): Extension => MODES[language];

/** Every colour is a token, so that it follows the theme by itself. */
const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "transparent", fontSize: "0.75rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono, ui-monospace, monospace)", lineHeight: "1.25rem", overflow: "auto" },
  ".cm-content": { padding: "0.5rem 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 0.75rem" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in oklch, var(--accent) 28%, transparent)",
  },
  ".cm-gutters": { backgroundColor: "var(--subtle)", color: "var(--ink-soft)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in oklch, var(--hover) 60%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--hover)", color: "var(--ink)" },
  "&.cm-focused .cm-matchingBracket, .cm-selectionMatch": {
    backgroundColor: "color-mix(in oklch, var(--accent) 18%, transparent)",
  },
  ".cm-searchMatch": { backgroundColor: "var(--warn-soft)", outline: "1px solid var(--warn)" },
  ".cm-searchMatch-selected": { backgroundColor: "color-mix(in oklch, var(--warn) 40%, transparent)" },
  ".cm-panels": { backgroundColor: "var(--subtle)", color: "var(--ink)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-textfield": {
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    border: "1px solid var(--line-strong)",
    borderRadius: "0.25rem",
  },
  ".cm-button": {
    backgroundImage: "none",
    backgroundColor: "var(--surface)",
    color: "var(--ink)",
    border: "1px solid var(--line-strong)",
    borderRadius: "0.25rem",
  },
  ".cm-panel.cm-search label, .cm-panel.cm-search .cm-textfield, .cm-panel.cm-search .cm-button": {
    fontSize: "0.75rem",
  },
  ".cm-panel.cm-search [name=close]": { color: "var(--ink)", cursor: "pointer" },
  ".cm-placeholder": { color: "var(--ink-soft)" },
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--ink-soft)", fontStyle: "italic" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--ok)" },
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword], color: "var(--accent-text)", fontWeight: "600" },
  { tag: [tags.number, tags.bool, tags.atom], color: "var(--warn)" },
  { tag: [tags.variableName, tags.definition(tags.variableName), tags.propertyName], color: "var(--info)" },
  { tag: [tags.meta, tags.attributeName], color: "var(--accent-text)" },
]);

/** The look of a text that belongs to a label. */
export function codeLook(label: string): Extension[] {
  const nonce = getNonce();
  return [
    // Style elements pass the content security policy by this.
    ...(nonce ? [EditorView.cspNonce.of(nonce)] : []),
    lineNumbers(),
    theme,
    syntaxHighlighting(colours),
    EditorState.tabSize.of(4),
    EditorView.contentAttributes.of({
      "aria-label": label,
      // It takes the focus by itself; this says so to whoever asks.
      tabindex: "0",
      spellcheck: "false",
      autocapitalize: "off",
      autocorrect: "off",
    }),
  ];
}
