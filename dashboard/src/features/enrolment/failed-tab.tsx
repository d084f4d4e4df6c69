import { useInfiniteQuery } from "@tanstack/react-query";
import { PackageCheck, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { pages } from "@/api/client";
import type { InstallReport } from "@/api/types";
import { openAddMachine } from "@/components/actions";
import { CELL_LINK, type Column } from "@/components/data-table/column";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/feedback";
import { useCannotIn } from "@/components/me";
import { useFullScope, useScope } from "@/components/scope";
import { Time } from "@/components/time";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";
import { ReportDialog } from "./report-dialog";

const reportId = (report: InstallReport) => report.id;
const hostOf = (report: InstallReport) => report.hostname || "a machine without a name";

function columnsOf(open: (report: InstallReport) => void): Column<InstallReport>[] {
  return [
    { id: "when", header: "When", width: 95, cell: (report) => <Time value={report.reported_at} /> },
    {
      id: "host",
      header: "Machine",
      width: 150,
      isGrowing: true,
      cell: (report) => (
        <button
          type="button"
          data-row-focus
          title={report.hostname}
          onClick={() => open(report)}
          className={cn(CELL_LINK, "font-medium")}
        >
          {hostOf(report)}
        </button>
      ),
    },
    { id: "step", header: "Failed at", width: 100, cell: (report) => report.step },
    {
      id: "message",
      header: "Why",
      width: 260,
      isGrowing: true,
      cell: (report) => (
        <span title={report.message} className="text-soft">
          {report.message}
        </span>
      ),
    },
    { id: "os", header: "System", width: 130, cell: (report) => report.os },
    { id: "ip", header: "From address", width: 115, cell: (report) => report.ip },
    { id: "key", header: "Site key", width: 120, cell: (report) => report.site_key_name ?? "deleted" },
    {
      id: "place",
      header: "Client and site",
      width: 150,
      isGrowing: true,
      cell: (report) => (
        <span className="text-soft">
          {report.client_name} › {report.site_name}
        </span>
      ),
    },
  ];
}

/** What installers told when they failed. */
export function FailedTab() {
  const scope = useScope();
  const list = useInfiniteQuery(pages("install_report_list", scope));
  const cannotAdd = useCannotIn("site_keys.edit", useFullScope());
  const [opened, setOpened] = useState<InstallReport>();
  const columns = useMemo(() => columnsOf(setOpened), []);
  return (
    <>
      <DataTable
        label="Failed installations"
        noun="reports"
        query={list}
        view={scope}
        columns={columns}
        rowId={reportId}
        rowLabel={hostOf}
        onRow={setOpened}
        className="border-t-0"
        compact={(report) => (
          <>
            <button
              type="button"
              data-row-focus
              onClick={() => setOpened(report)}
              className="block w-full truncate py-0.5 text-left font-medium"
            >
              {hostOf(report)}
            </button>
            <p className="flex gap-2 text-soft text-xs">
              <Time value={report.reported_at} />
              <span className="min-w-0 flex-1 truncate">
                {report.step}: {report.message}
              </span>
            </p>
          </>
        )}
        empty={
          <EmptyState
            icon={PackageCheck}
            title="No installation has failed"
            action={
              <Button disabledReason={cannotAdd} onClick={() => openAddMachine(scope.site_id)}>
                <Plus /> Add a machine
              </Button>
            }
          >
            An installer that fails tells here at what and why, with the end of its log.
          </EmptyState>
        }
      />
      {opened && <ReportDialog report={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}
