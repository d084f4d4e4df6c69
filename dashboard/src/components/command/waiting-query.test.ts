import { QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { commandOf } from "@/test/command";
import { fakeServer } from "@/test/fake-server";
import { byMachine, MOST_WAITING, waitingQuery } from "./waiting-query";

it("groups by machine, the longest wait first, each in the order in which it runs", () => {
  const at = (hour: number) => `2026-01-02T0${hour}:00:00Z`;
  const machines = byMachine([
    commandOf({ id: "k4", agent_id: "a2", agent_name: "db-1", created_at: at(4), expires_at: at(9) }),
    commandOf({ id: "k3", created_at: at(3), expires_at: at(5) }),
    commandOf({ id: "k2", agent_id: "a2", agent_name: "db-1", created_at: at(2), expires_at: at(8) }),
    commandOf({ id: "k1", created_at: at(1), expires_at: at(7) }),
  ]);
  expect(machines).toMatchObject([
    { id: "a1", name: "web-1", place: "Example Florist › Shop", oldest: at(1), nextExpiry: at(5) },
    { id: "a2", name: "db-1", oldest: at(2), nextExpiry: at(8) },
  ]);
  expect(machines.map(({ commands }) => commands.map(({ id }) => id))).toEqual([
    ["k1", "k3"],
    ["k2", "k4"],
  ]);
});

it("reads page after page, and has an end", async () => {
  const seen = fakeServer(({ search }) => {
    const from = Number(search.get("after") ?? 0);
    return {
      body: {
        items: Array.from({ length: 200 }, (_, index) => commandOf({ id: `k${from + index}` })),
        next: String(from + 200),
      },
    };
  });
  const { commands, isCut } = await new QueryClient().fetchQuery(waitingQuery({ site_id: "s1" }));
  expect([commands.length, isCut]).toEqual([MOST_WAITING, true]);
  expect(seen).toHaveLength(10);
  for (const { search } of seen) expect([search.get("status"), search.get("site_id")]).toEqual(["queued", "s1"]);
});
