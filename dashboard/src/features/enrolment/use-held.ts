import { type InfiniteData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { pages } from "@/api/client";
import type { Agent, Page } from "@/api/types";
import { countOf } from "@/components/data-table/data-table";
import { useScope } from "@/components/scope";

const ORDER = { sort: "last_seen", order: "desc" } as const;

/** The machines that may not work, as one list: the quarantined first, then those without a key, then those that left. */
export function useHeld() {
  const scope = useScope();
  const quarantined = useInfiniteQuery(pages("agent_list", { ...scope, ...ORDER, state: "quarantined" }));
  const revoked = useInfiniteQuery(pages("agent_list", { ...scope, ...ORDER, state: "revoked" }));
  const left = useInfiniteQuery(pages("agent_list", { ...scope, ...ORDER, state: "left" }));
  const parts = [quarantined, revoked, left];
  const more = parts.find((part) => part.hasNextPage);
  const data = useMemo(
    () => joined([quarantined.data, revoked.data, left.data]),
    [quarantined.data, revoked.data, left.data],
  );
  return {
    data,
    error: parts.find((part) => part.error)?.error ?? null,
    isPending: parts.some((part) => part.isPending),
    isPlaceholderData: parts.some((part) => part.isPlaceholderData),
    hasNextPage: more !== undefined,
    isFetchingNextPage: parts.some((part) => part.isFetchingNextPage),
    isFetchNextPageError: parts.some((part) => part.isFetchNextPageError),
    fetchNextPage: (more ?? quarantined).fetchNextPage,
    refetch: () => {
      for (const part of [revoked, left]) void part.refetch();
      return quarantined.refetch();
    },
  };
}

type Part = InfiniteData<Page<Agent>> | undefined;

/** All or nothing: a list that lacks a part would look like one that has none of it. */
function joined(parts: Part[]): InfiniteData<Page<Agent>> | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length < parts.length) return undefined;
  const count = known.reduce((sum, part) => sum + (countOf(part) ?? 0), 0);
  const [first, ...rest] = known.flatMap((part) => part.pages);
  return first && { pages: [{ ...first, count }, ...rest], pageParams: known.flatMap((part) => part.pageParams) };
}
