import { Download } from "lucide-react";
import { useState } from "react";
import { invalidate } from "@/api/client";
import { saveMachines } from "@/api/file";
import type { Query } from "@/api/operations";
import { explain } from "@/api/problem";
import type { Agent } from "@/api/types";
import type { Column } from "@/components/data-table/column";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toaster";

interface ExportButtonProps {
  query: Query<"agent_list">;
  columns: Column<Agent>[];
}

/** The view as a file: the same rows, the same order, the columns that are shown. The server writes it, and writes down that it did. */
export function ExportButton({ query, columns }: ExportButtonProps) {
  const [isPending, setPending] = useState(false);
  const save = async () => {
    setPending(true);
    try {
      await saveMachines({ ...query, columns: columns.map(({ id }) => id).join(",") });
      toast("done", "The list was saved");
      await invalidate("audit_event_list");
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
