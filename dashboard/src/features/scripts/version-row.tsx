import { CircleCheck, Download, Ellipsis, GitCompare, Pencil } from "lucide-react";
import type { Script, ScriptVersion } from "@/api/types";
import { useCannot } from "@/components/me";
import { Time } from "@/components/time";
import { Button, IconButton } from "@/ui/button";
import { Menu, MenuItem } from "@/ui/menu";
import { useExport } from "./use-export";

export type VersionAct = "approve" | "withdraw" | "compare" | "start";

interface VersionRowProps {
  script: Script;
  version: ScriptVersion;
  onAct: (act: VersionAct) => void;
}

/** Who wrote a version, when and why, whether it is the one that runs, and what can be done with it. */
export function VersionRow({ script, version, onAct }: VersionRowProps) {
  const cannotApprove = useCannot("scripts.approve");
  const cannotEdit = useCannot("scripts.edit");
  const take = useExport(script.id);
  const { number } = version;
  const isApproved = script.approved_version === number;
  const isNewest = script.newest_version === number;
  return (
    <li className="flex items-start gap-3 px-4 py-2.5" aria-label={`Version ${number}`}>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium">Version {number}</span>
          {isApproved && (
            <span className="inline-flex items-center gap-1 font-medium text-ok text-xs">
              <CircleCheck aria-hidden className="size-3.5" strokeWidth={2.25} /> Approved
            </span>
          )}
          {isNewest && <span className="text-soft text-xs">newest</span>}
        </p>
        <p className="text-soft text-xs">
          by {version.created_by_name ?? "somebody"} <Time value={version.created_at} />
          {isApproved && version.approved_at && (
            <>
              , approved by {version.approved_by_name ?? "somebody"} <Time value={version.approved_at} />
            </>
          )}
        </p>
        {version.note && <p className="mt-1 whitespace-pre-wrap break-words text-sm">{version.note}</p>}
      </div>
      <Button
        size="sm"
        disabledReason={cannotApprove}
        aria-label={isApproved ? `Withdraw the approval of version ${number}` : `Approve version ${number}`}
        onClick={() => onAct(isApproved ? "withdraw" : "approve")}
      >
        {isApproved ? "Withdraw" : "Approve"}
      </Button>
      <Menu
        label={`More for version ${number}`}
        trigger={
          <IconButton label={`More for version ${number}`} size="sm">
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem disabledReason={isNewest && "It is the newest itself."} onSelect={() => onAct("compare")}>
          <GitCompare /> Compare with the newest
        </MenuItem>
        <MenuItem
          disabledReason={cannotEdit ?? (isNewest && "The editor begins with it anyway.")}
          onSelect={() => onAct("start")}
        >
          <Pencil /> Begin the next version with it
        </MenuItem>
        <MenuItem onSelect={() => take.mutate(number)}>
          <Download /> Export file
        </MenuItem>
      </Menu>
    </li>
  );
}
