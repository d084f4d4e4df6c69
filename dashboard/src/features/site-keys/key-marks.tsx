import { Hourglass } from "lucide-react";
import type { SiteKey } from "@/api/types";
import { formatAbsolute } from "@/lib/format";

const WORDS = "Machines wait until somebody lets them in";

/** That machines which come with a key wait to be let in. */
export function ApprovalMark({ siteKey, isShort = false }: { siteKey: SiteKey; isShort?: boolean }) {
  if (!siteKey.needs_approval) return isShort ? null : <span className="text-soft">—</span>;
  return (
    <span title={WORDS} className="inline-flex shrink-0 items-center gap-1 align-middle text-info">
      <Hourglass aria-hidden className="size-3.5 shrink-0" />
      {isShort ? <span className="sr-only">{WORDS}</span> : "Needed"}
    </span>
  );
}

/** How often somebody came with a key when it was over. */
export function Refused({ siteKey: { refused_count: count, refused_at: last } }: { siteKey: SiteKey }) {
  if (!count) return null;
  return (
    <span title={last ? `Last ${formatAbsolute(last)}` : undefined} className="text-warn">
      · {count} refused
    </span>
  );
}
