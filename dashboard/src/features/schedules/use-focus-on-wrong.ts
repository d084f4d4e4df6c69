import { type RefObject, useEffect, useState } from "react";

const WRONG = '[aria-invalid="true"], [data-wrong]';
const FOCUSABLE = "input, textarea, select, button";

/** Whoever calls what it returns finds the focus on the first field of the form that is wrong, as they are read. */
export function useFocusOnWrong(form: RefObject<HTMLFormElement | null>): () => void {
  const [refusals, setRefusals] = useState(0);
  // Only when everything that is wrong is shown is it known which comes first.
  useEffect(() => {
    if (refusals === 0) return;
    const first = form.current?.querySelector<HTMLElement>(WRONG);
    const field = first?.matches(FOCUSABLE) ? first : first?.querySelector<HTMLElement>(FOCUSABLE);
    field?.focus();
  }, [refusals, form]);
  return () => setRefusals((count) => count + 1);
}
