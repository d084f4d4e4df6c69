import { Link } from "@tanstack/react-router";
import type { InstallReport } from "@/api/types";
import { CopyBlock } from "@/components/copy";
import { Time } from "@/components/time";
import { Dialog } from "@/ui/dialog";
import { Facts } from "@/ui/panel";

/** Everything that an installer told when it failed. */
export function ReportDialog({ report, onClose }: { report: InstallReport; onClose: () => void }) {
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Failed installation on ${report.hostname || "a machine without a name"}`}
      description={report.message}
      className="max-w-2xl"
    >
      <div className="flex flex-col gap-4">
        <Facts
          items={[
            { name: "Failed at", value: report.step },
            { name: "When", value: <Time value={report.reported_at} /> },
            { name: "System", value: `${report.os}, ${report.arch}` },
            { name: "Agent version", value: report.agent_version || "—" },
            { name: "From address", value: report.ip },
            {
              name: "Site key",
              value: report.site_key_name ? (
                <Link to="/site-keys" className="font-medium text-accent-text underline">
                  {report.site_key_name}
                </Link>
              ) : (
                "deleted"
              ),
            },
            { name: "Client and site", value: `${report.client_name} › ${report.site_name}` },
          ]}
        />
        {report.log ? (
          <CopyBlock text={report.log} label="Log" />
        ) : (
          <p className="text-sm text-soft">It sent no log.</p>
        )}
      </div>
    </Dialog>
  );
}
