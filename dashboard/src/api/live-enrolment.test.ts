import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createLiveCache } from "./live-cache";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("reads machines, findings and reports again when a machine has changed", async () => {
  const client = new QueryClient();
  const lists = ["agent_list", "agent_summary", "finding_list", "install_report_list", "site_key_list"] as const;
  for (const operation of lists) client.setQueryData([operation, {}], {});
  const cache = createLiveCache(client);
  cache.apply({ type: "agent_changed", data: { agent_id: "a1" } });
  await vi.advanceTimersByTimeAsync(2000);
  cache.stop();
  for (const operation of lists) expect(client.getQueryState([operation, {}])?.isInvalidated, operation).toBe(true);
});
