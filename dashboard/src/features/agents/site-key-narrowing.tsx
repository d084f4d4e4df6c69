import { useQuery } from "@tanstack/react-query";
import { q } from "@/api/client";
import { useCannot } from "@/components/me";
import { Narrowing } from "@/components/narrowing";

interface SiteKeyNarrowingProps {
  keyId: string;
  onRemove: () => void;
}

/** Only what enrolled with one key. Its name comes from the newest keys: the address knows only the id. */
export function SiteKeyNarrowing({ keyId, onRemove }: SiteKeyNarrowingProps) {
  const cannotSee = useCannot("site_keys.view");
  const keys = useQuery({ ...q("site_key_list", { query: { limit: 200 } }), enabled: !cannotSee });
  const key = keys.data?.items.find(({ id }) => id === keyId);
  return <Narrowing words={key ? `Enrolled with ${key.name}` : "Enrolled with one site key"} onRemove={onRemove} />;
}
