import { renderHook, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { fakeServer } from "@/test/fake-server";

const KEY = "gururmm.views.machines";
const kept = () => JSON.parse(localStorage.getItem(KEY) ?? "[]") as { name: string }[];

/** The store reads this browser's views when its module is loaded. */
async function visit(views: object[]) {
  localStorage.setItem(KEY, JSON.stringify(views));
  const { useLocalViewsTakenOver } = await import("./local-views");
  renderHook(() => useLocalViewsTakenOver());
}

beforeEach(() => vi.resetModules());
afterEach(() => vi.resetModules());

it("takes over what this browser has kept, and forgets what the server has or refuses", async () => {
  const seen = fakeServer(({ body }) =>
    (body as { name: string }).name === "Taken"
      ? { status: 409, body: { code: "name_taken", title: "Conflict", detail: "", status: 409, type: "about:blank" } }
      : { status: 201, body: {} },
  );
  await visit([
    { name: "Taken", search: { os: "linux" } },
    { name: "Law", search: { search: "law", status: undefined }, columns: { cpu: false } },
  ]);
  await waitFor(() => expect(kept()).toEqual([]));
  expect(seen.map(({ body }) => body)).toEqual([
    { name: "Taken", search: { os: "linux" }, columns: {} },
    { name: "Law", search: { search: "law" }, columns: { cpu: false } },
  ]);
});

it("keeps what the server could not take", async () => {
  const seen = fakeServer(() => ({ status: 503, body: { code: "unavailable", status: 503 } }));
  await visit([{ name: "Law", search: {} }]);
  await waitFor(() => expect(seen).toHaveLength(1));
  expect(kept()).toHaveLength(1);
});
