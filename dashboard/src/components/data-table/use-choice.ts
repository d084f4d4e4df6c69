import { useStableHandler } from "@/lib/hooks";
import type { BodyProps } from "./table-grid";

/** What the boxes of a table show and do. */
export function useChoice<Row>({ rows, rowId, selection }: BodyProps<Row>) {
  const ids = selection?.ids;
  const chosen = ids && ids.size > 0 ? rows.filter((row) => ids.has(rowId(row))).length : 0;
  const all: boolean | "indeterminate" = chosen > 0 && (chosen === rows.length || "indeterminate");
  const toggle = useStableHandler((id: string, on: boolean) => {
    const next = new Set(ids);
    if (on) next.add(id);
    else next.delete(id);
    selection?.onChange(next);
  });
  const toggleAll = useStableHandler((on: boolean) => selection?.onChange(new Set(on ? rows.map(rowId) : [])));
  return { all, toggle, toggleAll };
}
