import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { pages, queryClient } from "@/api/client";
import { createLiveCache } from "@/api/live-cache";
import type { Agent } from "@/api/types";
import { openPage } from "@/test/open-page";
import { MachinesPage } from "./machines-page";
import { machinesSearch } from "./search";

const renderedViews = vi.hoisted(() => vi.fn());
vi.mock("./saved-views", () => ({
  SavedViews: () => {
    renderedViews();
    return null;
  },
}));

const agent = { id: "a", hostname: "web-1", status: "online", os: "linux", os_name: "Debian", os_version: "13" };

beforeEach(() => {
  vi.stubGlobal("fetch", () => new Promise(() => {}));
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
});
afterEach(() => queryClient.clear());

it("renders its rows, and nothing around them, when machines report", async () => {
  const { queryKey } = pages("agent_list", {});
  const items = [agent as unknown as Agent];
  queryClient.setQueryData(queryKey, { pages: [{ items, next: null, count: 1 }], pageParams: [null] });
  openPage({ path: "/machines", component: MachinesPage, validateSearch: machinesSearch }, "/machines");
  await screen.findByRole("link", { name: "web-1" });
  const before = renderedViews.mock.calls.length;
  expect(before).toBeGreaterThan(0);
  vi.useFakeTimers();
  const cache = createLiveCache(queryClient);
  cache.apply({ type: "agent_metrics", data: { agent_id: "a", cpu_percent: 73, recorded_at: "2026-03-01T12:00:00Z" } });
  await act(() => vi.advanceTimersByTimeAsync(300));
  cache.stop();
  vi.useRealTimers();
  expect(screen.getByText("73%")).toBeTruthy();
  expect(renderedViews).toHaveBeenCalledTimes(before);
});
