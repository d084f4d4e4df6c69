import { CatchBoundary } from "@tanstack/react-router";
import { type RefObject, Suspense, useLayoutEffect, useRef } from "react";
import { lazyPart } from "@/lib/lazy-part";
import type { FieldControl } from "@/ui/field";
import type { Caret } from "./code-editor";
import type { Language } from "./language";

export interface CodeFieldProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  language: Language;
  isReadOnly?: boolean | undefined;
  control?: Pick<FieldControl, "aria-describedby" | "aria-invalid">;
}

const CodeEditor = lazyPart(() => import("./code-editor").then((module) => module.CodeEditor));

/** A text of a script. Until the editor is here, and where it does not come, a plain field does. */
export function CodeField(props: CodeFieldProps) {
  const caret = useRef<Caret>(undefined);
  const plain = <PlainField {...props} caret={caret} />;
  return (
    <CatchBoundary getResetKey={() => "code"} errorComponent={() => plain}>
      <Suspense fallback={plain}>
        <CodeEditor {...props} caret={caret} />
      </Suspense>
    </CatchBoundary>
  );
}

type WithCaret = CodeFieldProps & { caret: RefObject<Caret | undefined> };

/** Remembers where the reader is in it, if they are, when it goes. */
function PlainField({ label, value, onValue, isReadOnly, control, caret }: WithCaret) {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = field.current;
    return () => {
      if (!element || document.activeElement !== element) return;
      caret.current = { from: element.selectionStart, to: element.selectionEnd };
    };
  }, [caret]);
  return (
    <textarea
      ref={field}
      aria-label={label}
      {...control}
      value={value}
      onChange={(event) => onValue(event.target.value)}
      readOnly={isReadOnly}
      spellCheck={false}
      autoCapitalize="off"
      autoCorrect="off"
      className="block min-h-64 w-full resize-y bg-transparent px-3 py-2 font-mono text-xs leading-5 -outline-offset-2"
    />
  );
}
