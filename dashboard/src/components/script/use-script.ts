import { useQuery } from "@tanstack/react-query";
import { q } from "@/api/client";
import type { Script, ScriptVersion } from "@/api/types";

export const scriptQuery = (id: string) => q("script_get", { path: { id } });

/** One version, with its text and what it asks for. */
export function useScriptVersion(id: string, number: number | undefined) {
  const query = useQuery({
    ...q("script_version_list", { path: { id }, query: { number: number ?? 0 } }),
    enabled: number !== undefined,
  });
  const version: ScriptVersion | undefined = query.data?.items[0];
  return { version, error: query.error, refetch: query.refetch };
}

/** The numbers of its versions, the newest first, as far as they are read. */
export function useVersionNumbers({ id, newest_version }: Script): number[] {
  const { data } = useQuery({ ...q("script_version_list", { path: { id } }), enabled: newest_version > 1 });
  return data?.items.map(({ number }) => number) ?? [];
}

/** Which version runs unless another is chosen: the approved one, or for want of it the newest. */
export const usualVersion = ({ approved_version, newest_version }: Script): number =>
  approved_version ?? newest_version;
