import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { createLiveCache } from "@/api/live-cache";
import type { Command } from "@/api/types";
import { agentOf } from "@/test/agent";
import { commandOf } from "@/test/command";
import { fakeServer } from "@/test/fake-server";
import { grantOf, signIn, signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { CommandsPage } from "./commands-page";
import { commandsSearch } from "./search";

beforeEach(() => signInWith("commands.view", "commands.run", "agents.view"));
afterEach(() => queryClient.clear());

/** A server with these waiting; what is cancelled waits no longer. */
function open(commands: Command[], status = 200) {
  const left = new Map(commands.map((command) => [command.id, command]));
  const seen = fakeServer(({ path }) => {
    const cancelled = /^\/api\/commands\/(\w+)\/cancel$/.exec(path)?.[1];
    if (cancelled) {
      const command = left.get(cancelled);
      if (cancelled === "stuck" || !command) return { status: 409, body: { code: "command_not_cancellable" } };
      left.delete(cancelled);
      return { body: { ...command, status: "cancelled" } };
    }
    const machine = /^\/api\/agents\/(\w+)$/.exec(path)?.[1];
    if (machine) {
      return { body: agentOf({ id: machine, status: machine === "a1" ? "offline" : "online", last_seen_at: null }) };
    }
    return status === 200
      ? { body: { items: [...left.values()], next: null } }
      : { status, body: { code: "internal" } };
  });
  openPage({ path: "/commands", component: CommandsPage, validateSearch: commandsSearch }, "/commands?tab=waiting");
  return { left, cancels: () => seen.filter(({ path }) => path.endsWith("/cancel")).map(({ path }) => path) };
}

const three = [
  commandOf({ id: "k1", command: "apt-get update" }),
  commandOf({ id: "k2", command: "reboot\nnow", created_by_name: "Technician Two" }),
  commandOf({ id: "k3", agent_id: "a2", agent_name: "db-1", command: "df -h" }),
];
const list = (name: string) => screen.findByRole("list", { name: `Waiting on ${name}` });

it("shows what waits where, and why", async () => {
  open(three);
  const rows = within(await list("web-1")).getAllByRole("listitem");
  expect(rows.map((row) => row.textContent)).toEqual([
    expect.stringMatching(/^apt-get update.*Technician One/),
    expect.stringMatching(/^reboot ….*Technician Two/),
  ]);
  expect(screen.getByText("3 commands wait on 2 machines.")).toBeTruthy();
  expect(await screen.findByText("Offline")).toBeTruthy();
  expect(screen.getByText("never")).toBeTruthy();
  expect(await screen.findByText("Online")).toBeTruthy();
});

it("cancels one, and then all of a machine after a question", async () => {
  const { cancels } = open(three);
  await userEvent.click(await screen.findByRole("button", { name: "Cancel apt-get update" }));
  await waitFor(() => expect(screen.queryByText("apt-get update")).toBeNull());
  await userEvent.click(screen.getByRole("button", { name: "Cancel all of web-1" }));
  await userEvent.click(await screen.findByRole("button", { name: "Cancel 1 command" }));
  await waitFor(() => expect(screen.queryByRole("list", { name: "Waiting on web-1" })).toBeNull());
  expect(cancels()).toEqual(["/api/commands/k1/cancel", "/api/commands/k2/cancel"]);
  expect(await list("db-1")).toBeTruthy();
});

it("tells what could not be cancelled", async () => {
  open([commandOf({ id: "k1" }), commandOf({ id: "stuck", command: "sleep 9" })]);
  await userEvent.click(await screen.findByRole("button", { name: "Cancel all of web-1" }));
  await userEvent.click(await screen.findByRole("button", { name: "Cancel 2 commands" }));
  expect(await screen.findByText("1 command of web-1 cancelled, 1 not")).toBeTruthy();
});

it("follows what happens", async () => {
  const { left } = open(three);
  await list("db-1");
  const live = createLiveCache(queryClient);
  left.delete("k3");
  act(() => live.apply({ type: "command_changed", data: { command_id: "k3", agent_id: "a2", status: "running" } }));
  await waitFor(() => expect(screen.queryByRole("list", { name: "Waiting on db-1" })).toBeNull(), { timeout: 5_000 });
  live.stop();
});

it("says that nothing waits", async () => {
  open([]);
  expect(await screen.findByText("Nothing waits")).toBeTruthy();
});

it("says when it cannot tell", async () => {
  open([], 500);
  expect((await screen.findByRole("alert")).textContent).toContain("The server failed");
  expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy();
});

it("shows the first of many and the rest when asked", async () => {
  open(Array.from({ length: 25 }, (_, index) => commandOf({ id: `k${index}`, command: `echo ${index}` })));
  expect(within(await list("web-1")).getAllByRole("listitem")).toHaveLength(10);
  await userEvent.click(screen.getByRole("button", { name: "Show 15 more commands" }));
  expect(within(await list("web-1")).getAllByRole("listitem")).toHaveLength(25);
});

it("says why somebody may not cancel", async () => {
  signIn([grantOf(["commands.view", "agents.view"])]);
  open(three);
  await list("web-1");
  for (const name of ["Cancel df -h", "Cancel all of web-1"]) {
    expect(screen.getByRole("button", { name }).getAttribute("aria-disabled")).toBe("true");
  }
});
