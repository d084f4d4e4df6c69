import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorSelection, EditorState } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
} from "@codemirror/view";
import { type RefObject, useLayoutEffect, useRef } from "react";
import type { CodeFieldProps } from "./code-field";
import { codeLook, modeOf } from "./code-setup";

/** Where the reader was in the plain field that stood here while this was loading. */
export interface Caret {
  from: number;
  to: number;
}

interface CodeEditorProps extends CodeFieldProps {
  /** Known when that field has gone, and not before. */
  caret: RefObject<Caret | undefined>;
}

/** The text of a script with line numbers, colours, undo and search. */
export function CodeEditor({ caret, ...props }: CodeEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const mode = useRef(new Compartment());
  const access = useRef(new Compartment());
  const newest = useRef(props);
  newest.current = props;
  /** What the editor has said last: hearing it again changes nothing. */
  const said = useRef(props.value);

  useLayoutEffect(() => {
    if (!box.current) return;
    const start = newest.current;
    const at = caret.current;
    said.current = start.value;
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: start.value,
        ...(at ? { selection: within(at, start.value.length) } : {}),
        extensions: [
          ...codeLook(start.label),
          history(),
          drawSelection(),
          highlightSpecialChars(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          highlightSelectionMatches(),
          bracketMatching(),
          indentOnInput(),
          indentUnit.of("    "),
          search({ top: true }),
          keymap.of([...searchKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
          mode.current.of(modeOf(start.language)),
          access.current.of(accessOf(start)),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            said.current = update.state.doc.toString();
            newest.current.onValue(said.current);
          }),
        ],
      }),
    });
    view.current = made;
    if (at) made.focus();
    return () => made.destroy();
  }, [caret]);

  const { value, language, isReadOnly, control } = props;
  useLayoutEffect(() => {
    const current = view.current;
    if (!current || said.current === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);
  useLayoutEffect(() => view.current?.dispatch({ effects: mode.current.reconfigure(modeOf(language)) }), [language]);
  const describedBy = control?.["aria-describedby"];
  const isInvalid = control?.["aria-invalid"];
  useLayoutEffect(() => {
    const next = accessOf({ isReadOnly, describedBy, isInvalid });
    view.current?.dispatch({ effects: access.current.reconfigure(next) });
  }, [isReadOnly, describedBy, isInvalid]);
  return <div ref={box} className="max-h-[70dvh] min-h-64 overflow-auto [&_.cm-scroller]:min-h-64" />;
}

const within = ({ from, to }: Caret, length: number) =>
  EditorSelection.single(Math.min(from, length), Math.min(to, length));

interface Access {
  isReadOnly?: boolean | undefined;
  describedBy?: string | undefined;
  isInvalid?: boolean | undefined;
}

const accessOf = ({ isReadOnly = false, describedBy, isInvalid }: Access) => [
  EditorState.readOnly.of(isReadOnly),
  EditorView.contentAttributes.of({
    ...(describedBy ? { "aria-describedby": describedBy } : {}),
    ...(isInvalid ? { "aria-invalid": "true" } : {}),
    ...(isReadOnly ? { "aria-readonly": "true" } : {}),
  }),
];
