import { Link } from "@tanstack/react-router";
import { Ellipsis, Eye, GitMerge, X } from "lucide-react";
import type { Finding } from "@/api/types";
import { CloneSides } from "@/components/enrolment/clone-sides";
import { OtherMachine } from "@/components/enrolment/finding-note";
import { FINDING_TITLE, findingWords } from "@/components/enrolment/finding-words";
import { useFindingActs } from "@/components/enrolment/use-finding-acts";
import { Time } from "@/components/time";
import { Button, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Menu, MenuItem } from "@/ui/menu";
import { Facts } from "@/ui/panel";

const LINK = "font-medium text-accent-text underline";

/** What can be done about a finding, in its row. */
export function FindingActions({ finding, onOpen }: { finding: Finding; onOpen: () => void }) {
  const { cannot, dismiss, isDismissing, same, adopt, dialog } = useFindingActs(finding);
  const about = `${FINDING_TITLE[finding.kind]}, ${finding.agent_name}`;
  return (
    <span className="flex items-center gap-1">
      <Button
        size="sm"
        disabledReason={cannot}
        isPending={isDismissing}
        aria-label={`Dismiss: ${about}`}
        onClick={dismiss}
        className="max-md:hidden"
      >
        Dismiss
      </Button>
      <Menu
        label={`Actions for: ${about}`}
        trigger={
          <IconButton label={`Actions for: ${about}`} size="sm">
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem onSelect={onOpen}>
          <Eye /> Look at it…
        </MenuItem>
        {same && (
          <MenuItem disabledReason={cannot} onSelect={adopt}>
            <GitMerge /> Continue {same.older.name}…
          </MenuItem>
        )}
        <MenuItem disabledReason={cannot} onSelect={dismiss}>
          <X /> Dismiss
        </MenuItem>
      </Menu>
      {dialog}
    </span>
  );
}

/** Everything that is known of a finding, and what to do about it. */
export function FindingDialog({ finding, onClose }: { finding: Finding; onClose: () => void }) {
  const { cannot, dismiss, isDismissing, same, adopt, dialog } = useFindingActs(finding, onClose);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`${FINDING_TITLE[finding.kind]}: ${finding.agent_name}`}
      description={findingWords(finding)}
      footer={
        <>
          <Button
            disabledReason={cannot}
            isPending={isDismissing}
            onClick={() => {
              dismiss();
              onClose();
            }}
          >
            Dismiss
          </Button>
          {same && (
            <Button variant="primary" disabledReason={cannot} onClick={adopt}>
              Continue {same.older.name}…
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Facts
          items={[
            {
              name: "Machine",
              value: (
                <Link to="/machines/$id" params={{ id: finding.agent_id }} className={LINK}>
                  {finding.agent_name}
                </Link>
              ),
            },
            ...(finding.other_agent_id
              ? [{ name: "Other machine", value: <OtherMachine finding={finding} className={LINK} /> }]
              : []),
            { name: "Client and site", value: `${finding.client_name} › ${finding.site_name}` },
            { name: "Found", value: <Time value={finding.found_at} /> },
          ]}
        />
        {finding.kind === "clone" ? (
          <CloneSides finding={finding} />
        ) : (
          <p className="text-sm text-soft">{NEXT[finding.kind]}</p>
        )}
      </div>
      {dialog}
    </Dialog>
  );
}

const NEXT: Record<Exclude<Finding["kind"], "clone">, string> = {
  duplicate_hostname: "Rename one of them, or dismiss this if both are right.",
  known_hardware: "Continue the older record to keep its history, or dismiss this if they are two machines.",
  sandbox: "Delete or reject it if it is none of yours, and make the site key anew. Dismiss this if it is.",
};
