import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { q } from "@/api/client";
import { Time } from "@/components/time";
import { formatCount } from "@/lib/format";

/** How far the log is sealed: up to there, whoever alters it is found out. */
export function Sealed() {
  const { data } = useQuery({ ...q("audit_chain_get", {}), refetchInterval: 30_000 });
  if (!data) return <span>Every change, and what was refused</span>;
  if (!data.sealed_until) return <span>Not sealed yet</span>;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1.5" title={`The hash of the last event: ${data.hash}`}>
      <ShieldCheck aria-hidden className="size-3.5 text-ok" />
      <span>
        Sealed up to <Time value={data.sealed_until} />
      </span>
      <span aria-hidden>·</span>
      <span>
        events {formatCount(data.first)} to {formatCount(data.seq)}
      </span>
    </span>
  );
}
