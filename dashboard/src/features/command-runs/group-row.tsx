import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import type { CommandRunGroup } from "@/api/types";
import { CommandStatusMark } from "@/components/status";
import { cn } from "@/lib/cn";
import { formatBytes, formatCount, plural } from "@/lib/format";
import { GroupOutput } from "./group-output";

/** "db-1, db-2 and 36 more" */
function names({ agent_names, count }: CommandRunGroup): string {
  const more = count - agent_names.length;
  return more > 0 ? `${agent_names.join(", ")} and ${formatCount(more)} more` : agent_names.join(", ");
}

/** One result and how many came to it. What they wrote is read when it is opened. */
export function GroupRow({ group }: { group: CommandRunGroup }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const { status, exit_code: exit, status_reason: why, output_bytes: bytes } = group;
  return (
    <li className="border-line border-b last:border-b-0">
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
        className="flex w-full items-start gap-2 px-4 py-2 text-left text-sm -outline-offset-2 hover:bg-subtle"
      >
        <ChevronRight
          aria-hidden
          className={cn("mt-0.5 size-4 shrink-0 text-soft transition-transform", isOpen && "rotate-90")}
        />
        <span className="grid min-w-0 flex-1 gap-x-4 gap-y-0.5 sm:grid-cols-[6.5rem_8rem_minmax(0,1fr)_auto]">
          <span className="font-medium">{plural(group.count, "machine")}</span>
          <CommandStatusMark status={status} className="self-start leading-5" />
          <span className="min-w-0 break-words">
            {names(group)}
            {why && <span className="block text-soft text-xs">{why}</span>}
          </span>
          <span className="text-soft text-xs leading-5">
            {typeof exit === "number" && (
              <>
                exit code <span className="font-mono">{exit}</span> ·{" "}
              </>
            )}
            {bytes > 0 ? formatBytes(bytes) : "wrote nothing"}
          </span>
        </span>
      </button>
      <div id={id} hidden={!isOpen} className="border-line border-t bg-subtle px-4 py-3">
        {isOpen && <GroupOutput group={group} />}
      </div>
    </li>
  );
}
