import { ChevronsDown, CircleStop, Download } from "lucide-react";
import { formatBytes } from "@/lib/format";
import { Button } from "@/ui/button";
import type { Rest } from "./use-rest";

interface RestNoticeProps {
  /** In a word, what it is the rest of. */
  of: "output" | "errors";
  rest: Rest;
  onMore: () => void;
  onSaveAll: () => void;
}

/** What a stream has beyond what the server keeps, and the ways to it. */
export function RestNotice({ of, rest, onMore, onSaveAll }: RestNoticeProps) {
  const { saving } = rest;
  if (!rest.isThere) return rest.lost > 0 ? <p className="text-soft text-xs">{lostWords(of, rest.lost)}</p> : null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-md border border-line px-3 py-2 text-xs">
      <p className="text-soft">
        {moreWords(of, rest.more)} {rest.lost > 0 && lostWords(of, rest.lost)}
      </p>
      <div className="flex flex-wrap gap-1.5">
        <Button size="sm" isPending={rest.isLoading} aria-label={`Show more of the ${of}`} onClick={onMore}>
          <ChevronsDown /> Show more
        </Button>
        {saving ? (
          <Button key="save" size="sm" aria-label={`Stop saving the ${of}`} onClick={rest.stop}>
            <CircleStop /> Stop
          </Button>
        ) : (
          <Button key="save" size="sm" aria-label={`Save all of the ${of}`} onClick={onSaveAll}>
            <Download /> Save all
          </Button>
        )}
      </div>
      <span role="status" className="tabular-nums">
        {saving ? `${saving.percent}% of ${formatBytes(saving.all)} read` : rest.isSaved && "Saved."}
      </span>
      {rest.error && (
        <p role="alert" className="basis-full text-bad">
          {rest.error}
        </p>
      )}
    </div>
  );
}

function moreWords(of: string, more: number | undefined): string {
  if (more === undefined) return `More of the ${of} may lie on the machine.`;
  if (more === 0) return `This is all of the ${of} so far.`;
  return `${formatBytes(more)} more of the ${of} lie on the machine.`;
}

const lostWords = (of: string, lost: number) => `The last ${formatBytes(lost)} of the ${of} are kept nowhere.`;
