import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { q } from "@/api/client";
import { cn } from "@/lib/cn";
import { CELL_LINK } from "./data-table/column";

interface SiteKeyNameProps {
  keyId: string | null | undefined;
  /** Where the key is looked for: the newest ones of the client or the site are read. */
  at: { client_id?: string; site_id?: string };
  className?: string;
}

/** The key that a machine came with, by name; leads to all that came with it. For whoever may see keys. */
export function SiteKeyName({ keyId, at, className }: SiteKeyNameProps) {
  const keys = useQuery(q("site_key_list", { query: { ...at, limit: 200 } }));
  if (!keyId) return <span className="text-soft">—</span>;
  const key = keys.data?.items.find(({ id }) => id === keyId);
  const name = key?.name ?? (keys.isPending ? "…" : "An older key");
  return (
    <Link
      to="/machines"
      // A machine may have been moved since: the whole fleet is searched.
      search={{ client_id: undefined, site_id: undefined, site_key_id: keyId }}
      title={`Machines enrolled with ${key ? name : "it"}`}
      className={cn(CELL_LINK, className)}
    >
      {name}
    </Link>
  );
}
