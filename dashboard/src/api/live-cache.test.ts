import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createLiveCache } from "./live-cache";
import type { LiveEvent } from "./live-events";
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

/** Of these cached answers, those that an event makes stale. */
async function staleOf(event: LiveEvent, keys: readonly (readonly [Operation, object])[]): Promise<string[]> {
  const client = new QueryClient();
  for (const key of keys) client.setQueryData(key, {});
  const cache = createLiveCache(client);
  cache.apply(event);
  await vi.advanceTimersByTimeAsync(2000);
  cache.stop();
  return keys.filter((key) => client.getQueryState(key)?.isInvalidated).map((key) => JSON.stringify(key));
}
const one = (operation: Operation, id: string) => [operation, { path: { id } }] as const;

it("reads schedules again when one has changed, or its script, or its place", async () => {
  const keys = [["schedule_list", {}], one("schedule_get", "h1"), ["agent_list", {}]] as const;
  const stale = ['["schedule_list",{}]', '["schedule_get",{"path":{"id":"h1"}}]'];
  for (const type of ["schedules_changed", "scripts_changed", "tree_changed"] as const) {
    expect(await staleOf({ type, data: {} }, keys)).toEqual(stale);
  }
});

it("reads a run that has gone on again, and no other", async () => {
  const stale = await staleOf({ type: "command_run_changed", data: { run_id: "r1" } }, [
    ["command_run_list", {}],
    ["command_list", {}],
    ["agent_list", {}],
    one("command_run_get", "r1"),
    one("command_run_groups", "r1"),
    one("command_run_get", "r2"),
  ]);
  expect(stale).toEqual([
    '["command_run_list",{}]',
    '["command_list",{}]',
    '["command_run_get",{"path":{"id":"r1"}}]',
    '["command_run_groups",{"path":{"id":"r1"}}]',
  ]);
});

it("reads everything about commands again when all were stopped", async () => {
  const keys = [
    ["organisation_get", {}],
    ["command_list", {}],
    ["command_run_list", {}],
    one("command_run_get", "r1"),
    one("command_get", "k1"),
  ] as const;
  expect(await staleOf({ type: "commands_stopped", data: {} }, keys)).toHaveLength(keys.length);
});

it("reads the library again when it has changed, each script and version of it", async () => {
  const keys = [
    ["script_list", {}],
    one("script_get", "s1"),
    ["script_version_list", { path: { id: "s1" }, query: { number: 2 } }],
    ["audit_event_list", {}],
  ] as const;
  expect(await staleOf({ type: "scripts_changed", data: {} }, [...keys, ["command_list", {}]])).toHaveLength(
    keys.length,
  );
  // How it fared is told with it.
  expect(await staleOf({ type: "command_run_changed", data: { run_id: "r1" } }, keys)).toHaveLength(2);
});

it("looks for no command that nobody holds, though ten thousand change", async () => {
  const client = new QueryClient();
  client.setQueryData(one("command_get", "k7"), {});
  const find = vi.spyOn(client.getQueryCache(), "findAll");
  const cache = createLiveCache(client);
  for (let at = 0; at < 10_000; at += 1) {
    cache.apply({ type: "command_changed", data: { command_id: `k${at}`, agent_id: "a1", status: "completed" } });
  }
  await vi.advanceTimersByTimeAsync(2000);
  cache.stop();
  expect(client.getQueryState(one("command_get", "k7"))?.isInvalidated).toBe(true);
  expect(find.mock.calls.length).toBeLessThan(10);
});
