import { defaultRangeExtractor, type Range } from "@tanstack/react-virtual";
import { type FocusEvent, useCallback, useState } from "react";

/**
 * Keeps the row that has the focus in the document however far the reader scrolls: with the row the focus would go, and
 * with the focus the keyboard's way to scroll.
 */
export function useFocusedRow<Row>(rows: Row[], rowId: (row: Row) => string) {
  const [id, setId] = useState<string>();
  const index = id === undefined ? -1 : rows.findIndex((row) => rowId(row) === id);
  const rangeExtractor = useCallback(
    (range: Range): number[] => {
      const shown = defaultRangeExtractor(range);
      return index < 0 || shown.includes(index) ? shown : [...shown, index].sort((a, b) => a - b);
    },
    [index],
  );
  return {
    rangeExtractor,
    onFocus: (event: FocusEvent<HTMLElement>) =>
      setId(event.target.closest<HTMLElement>("[data-row]")?.dataset.row || undefined),
    onBlur: () => setId(undefined),
  };
}
