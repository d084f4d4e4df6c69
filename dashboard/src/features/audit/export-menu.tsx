import { Braces, Download, Table } from "lucide-react";
import { useState } from "react";
import { invalidate } from "@/api/client";
import { saveAuditLog } from "@/api/file";
import type { Query } from "@/api/operations";
import { explain } from "@/api/problem";
import { useCannot } from "@/components/me";
import type { Period } from "@/lib/period";
import { Button } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";
import { toast } from "@/ui/toaster";

/** The log as a file, with the filters of the page. The server writes it, and writes down that it did. */
export function ExportMenu({ query, period }: { query: Query<"audit_event_list">; period: Period | undefined }) {
  const [isPending, setPending] = useState(false);
  const cannot = useCannot("audit.export");
  const save = async (format: "csv" | "json") => {
    setPending(true);
    try {
      await saveAuditLog({ ...query, format }, period);
      toast("done", "The audit log was saved");
      await invalidate("audit_event_list");
    } catch (error) {
      const { title, advice } = explain(error);
      toast("failed", title, advice);
    } finally {
      setPending(false);
    }
  };
  return (
    <Menu
      label="Save as a file"
      trigger={
        <Button isPending={isPending}>
          <Download /> {isPending ? "Saving…" : "Save as…"}
        </Button>
      }
    >
      <MenuItem disabledReason={cannot} onSelect={() => void save("csv")}>
        <Table /> CSV, for spreadsheets
      </MenuItem>
      <MenuItem disabledReason={cannot} onSelect={() => void save("json")}>
        <Braces /> JSON, for programs
      </MenuItem>
    </Menu>
  );
}
