import { Download } from "lucide-react";
import { useState } from "react";
import { call } from "@/api/client";
import type { Operation, Params, Query } from "@/api/operations";
import { explain } from "@/api/problem";
import type { Page } from "@/api/types";
import { toCsv } from "@/lib/csv";
import { downloadText } from "@/lib/download";
import { formatCount, plural } from "@/lib/format";
import { type Period, periodStart } from "@/lib/period";
import { serverNow } from "@/lib/server-time";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toaster";
import type { Column } from "./data-table/column";

const MAX_ROWS = 20_000;

interface CsvButtonProps<Row> {
  operation: "command_list";
  query: Query<"command_list">;
  /** Only what happened in a period that ends now. */
  period?: Period | undefined;
  columns: Column<Row>[];
  fileName: string;
}

async function everything<Row>(operation: Operation, query: object): Promise<{ rows: Row[]; isCut: boolean }> {
  const rows: Row[] = [];
  let after: string | null | undefined;
  do {
    const params = { query: { ...query, limit: 200, ...(after ? { after } : {}) } } as unknown as Params<"agent_list">;
    const page = (await call(operation as "agent_list", params)) as unknown as Page<Row>;
    rows.push(...page.items);
    after = page.next;
  } while (after && rows.length < MAX_ROWS);
  return { rows, isCut: Boolean(after) };
}

/** The view as a file: the same rows, the same order, the columns that are shown. */
export function CsvButton<Row>({ operation, query, period, columns, fileName }: CsvButtonProps<Row>) {
  const [isPending, setPending] = useState(false);
  const save = async () => {
    setPending(true);
    try {
      const { rows, isCut } = await everything<Row>(operation, {
        ...query,
        ...(period ? { from: periodStart(period, serverNow()) } : {}),
      });
      const shown = columns.flatMap((column) => (column.csv ? [{ header: column.header, value: column.csv }] : []));
      downloadText(`${fileName}.csv`, "text/csv;charset=utf-8", toCsv(shown, rows));
      if (isCut)
        toast("done", `The first ${formatCount(MAX_ROWS)} rows were saved`, "Narrow the view to get the rest.");
      else toast("done", `${plural(rows.length, "row")} saved`);
    } catch (error) {
      const { title, advice } = explain(error);
      toast("failed", title, advice);
    } finally {
      setPending(false);
    }
  };
  return (
    <Button onClick={() => void save()} isPending={isPending}>
      <Download /> {isPending ? "Saving…" : "CSV"}
    </Button>
  );
}
