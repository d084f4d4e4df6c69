import { Ban } from "lucide-react";
import type { GrantInfo } from "@/api/types";
import { cn } from "@/lib/cn";
import { grantWords, inOrder } from "./can-words";

/** One grant in words; what is denied is told by word, shape and colour. */
export function GrantLine({ grant, className }: { grant: GrantInfo; className?: string }) {
  const isDeny = grant.effect === "deny";
  return (
    <span className={cn("inline-flex min-w-0 max-w-full items-center gap-1", isDeny && "text-bad", className)}>
      {isDeny && <Ban aria-hidden className="size-3.5 shrink-0" />}
      <span className="truncate">{grantWords(grant)}</span>
    </span>
  );
}

/** All of somebody's, in one line that ends with dots when it is long; the whole stands on hover. */
export function GrantsLine({ grants }: { grants: GrantInfo[] }) {
  if (grants.length === 0) return <span className="text-soft">Nothing given</span>;
  const ordered = inOrder(grants);
  return (
    <span title={ordered.map(grantWords).join("\n")}>
      {ordered.map((grant, index) => (
        <span key={grant.id} className={grant.effect === "deny" ? "text-bad" : undefined}>
          {index > 0 && <span className="text-soft"> · </span>}
          {grantWords(grant)}
        </span>
      ))}
    </span>
  );
}
