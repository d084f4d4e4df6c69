import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createLiveCache } from "./live-cache";
import type { Operation } from "./operations";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The operations whose answers an event makes stale. */
async function staleAfter(type: "users_changed" | "access_changed" | "tree_changed"): Promise<string[]> {
  const client = new QueryClient();
  const asked: Operation[] = ["auth_me", "user_list", "user_get", "role_list", "invitation_list", "client_list"];
  for (const operation of asked) client.setQueryData([operation, {}], {});
  const cache = createLiveCache(client);
  cache.apply({ type, data: {} });
  await vi.advanceTimersByTimeAsync(2000);
  cache.stop();
  return asked.filter((operation) => client.getQueryState([operation, {}])?.isInvalidated);
}

it("reads people and roles again when people have changed, and oneself when what one may do has", async () => {
  expect(await staleAfter("users_changed")).toEqual(["user_list", "user_get", "role_list", "invitation_list"]);
  expect(await staleAfter("access_changed")).toEqual(["auth_me"]);
  expect(await staleAfter("tree_changed")).toEqual(["client_list"]);
});
