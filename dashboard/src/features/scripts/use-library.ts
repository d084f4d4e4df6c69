import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { pages } from "@/api/client";
import type { Query } from "@/api/operations";

/** Every script that is asked for, page after page: a tree needs them all. */
export function useLibrary(query: Query<"script_list">) {
  const list = useInfiniteQuery(pages("script_list", query, { limit: 200 }));
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, isPlaceholderData, fetchNextPage } = list;
  const isMore = hasNextPage && !isFetchingNextPage && !isFetchNextPageError && !isPlaceholderData;
  useEffect(() => {
    if (isMore) void fetchNextPage();
  }, [isMore, fetchNextPage]);
  return list;
}
