import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { createLiveCache } from "@/api/live-cache";
import type { CommandRun, CommandRunGroup } from "@/api/types";
import { commandDetailOf, commandOf } from "@/test/command";
import { countsOf, runOf } from "@/test/command-run";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { RunPage } from "./run-page";
import { commandRunSearch } from "./search";

beforeEach(() => {
  signInWith("commands.view", "commands.run", "agents.view");
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
});
afterEach(() => queryClient.clear());

const group = (more: Partial<CommandRunGroup>): CommandRunGroup => ({
  status: "completed",
  exit_code: 0,
  count: 38,
  command_id: "k1",
  output_bytes: 5,
  agent_names: ["db-1", "db-2"],
  ...more,
});

interface Served {
  run: CommandRun;
  groups: CommandRunGroup[];
  answer: (seen: Seen) => { status?: number; body?: unknown } | undefined;
}

function open({ address = "/command-runs/r1", ...given }: Partial<Served> & { address?: string } = {}) {
  const server: Served = { run: runOf({}), groups: [], answer: () => undefined, ...given };
  const seen = fakeServer((asked) => {
    const answer = server.answer(asked);
    if (answer) return answer;
    if (asked.path === "/api/command-runs/r1") return { body: server.run };
    if (asked.path === "/api/command-runs/r2") return { body: runOf({ id: "r2", rerun_of: "r1" }) };
    if (asked.path.endsWith("/groups")) return { body: { items: server.groups, total: server.groups.length } };
    if (asked.path.startsWith("/api/commands/")) {
      return { body: commandDetailOf({ id: "k1", agent_name: "db-1", status: "completed", stdout: "hello" }) };
    }
    if (asked.path === "/api/commands") {
      return { body: { items: [commandOf({ id: "k9", run_id: "r1", status: "failed", exit_code: 3 })], next: null } };
    }
    return { body: {} };
  });
  openPage({ path: "/command-runs/$id", component: RunPage, validateSearch: commandRunSearch }, address);
  return { server, seen, posts: () => seen.filter(({ method }) => method === "POST") };
}

const mixed = countsOf({ completed: 36, failed: 2, running: 1, offline: 1 });

it("says what runs, how, and how far it has come", async () => {
  open({
    run: runOf({
      counts: mixed,
      mode: "parallel",
      rate_per_minute: 60,
      refused: { agent_not_active: 3 },
      selection: { filter: { status: "online" } } as never,
      arguments: ["--all"],
    }),
  });
  expect(await screen.findByRole("heading", { level: 1, name: "Run: uptime" })).toBeTruthy();
  expect(screen.getByText("Running").closest('[role="status"]')).toBeTruthy();
  expect(screen.getByText("38 of 40 done")).toBeTruthy();
  expect(screen.getByRole("img", { name: "38 of 40 done: 36 OK, 2 failed, 1 running, 1 offline" })).toBeTruthy();
  const numbers = within(screen.getByRole("list", { name: "Where the machines stand" })).getAllByRole("listitem");
  expect(numbers.map((item) => item.textContent)).toEqual(["36 OK", "2 failed", "1 running", "1 offline"]);
  expect(screen.getByText(/^3 machines were left out: 3 not active/)).toBeTruthy();
  expect(screen.getByText("all at once, at most 60 machines a minute")).toBeTruthy();
  expect(screen.getByText("All machines: online")).toBeTruthy();
  expect(screen.getByRole("table", { name: "Arguments" })).toBeTruthy();
});

it("groups equal results, and reads what they wrote when one is opened", async () => {
  const { seen } = open({
    run: runOf({ counts: mixed }),
    groups: [group({}), group({ status: "failed", exit_code: 1, count: 1, command_id: "k2", agent_names: ["web-1"] })],
  });
  const rows = within(await screen.findByRole("list", { name: "Equal results" }));
  const first = rows.getByRole("button", { name: /^38 machines.*Completed.*db-1, db-2 and 36 more/ });
  expect(rows.getByRole("button", { name: /^1 machine.*Failed.*web-1.*exit code 1/ })).toBeTruthy();
  expect(seen.filter(({ path }) => path === "/api/commands/k1")).toHaveLength(0);
  await userEvent.click(first);
  expect((await screen.findByRole("region", { name: "Standard output" })).textContent).toBe("hello");
  expect(screen.getByText(/wrote it, and the others byte for byte/)).toBeTruthy();
  expect(first.getAttribute("aria-expanded")).toBe("true");
});

it("keeps a group open when another machine comes to stand for it", async () => {
  const { server } = open({ run: runOf({ counts: mixed }), groups: [group({})] });
  await userEvent.click(await screen.findByRole("button", { name: /^38 machines/ }));
  await screen.findByRole("region", { name: "Standard output" });
  server.groups = [group({ count: 39, command_id: "k0" })];
  const live = createLiveCache(queryClient);
  live.apply({ type: "command_run_changed", data: { run_id: "r1" } });
  const grown = await screen.findByRole("button", { name: /^39 machines/ }, { timeout: 5_000 });
  live.stop();
  expect(grown.getAttribute("aria-expanded")).toBe("true");
});

it("lists its machines, each of which leads to its command", async () => {
  const { seen } = open({ address: "/command-runs/r1?status=failed,nonsense" });
  const link = await screen.findByRole("link", { name: "web-1" });
  expect(link.getAttribute("href")).toBe("/commands/k9");
  const asked = seen.find(({ path }) => path === "/api/commands");
  expect([asked?.search.get("run_id"), asked?.search.get("status")]).toEqual(["r1", "failed"]);
  await userEvent.click(screen.getByRole("button", { name: "Status: Failed" }));
  await userEvent.click(await screen.findByRole("menuitemcheckbox", { name: "Timed out" }));
  await waitFor(() => expect(seen.at(-1)?.search.get("status")).toBe("failed,timeout"));
});

it("asks nothing for a single machine while ten thousand go on", async () => {
  const { seen } = open({ run: runOf({ counts: countsOf({ running: 10_000 }) }) });
  await screen.findByRole("link", { name: "web-1" });
  const before = seen.length;
  const live = createLiveCache(queryClient);
  for (let at = 0; at < 10_000; at += 1) {
    live.apply({ type: "command_changed", data: { command_id: `k${at}`, agent_id: `a${at}`, status: "completed" } });
  }
  live.apply({ type: "command_run_changed", data: { run_id: "r1" } });
  await waitFor(() => expect(seen.length).toBeGreaterThan(before), { timeout: 5_000 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  live.stop();
  const paths = seen.slice(before).map(({ path }) => path);
  expect(paths.toSorted()).toEqual(["/api/command-runs/r1", "/api/command-runs/r1/groups", "/api/commands"]);
});

it("is stopped after a question", async () => {
  const { posts, server } = open({ run: runOf({ counts: mixed }) });
  server.answer = ({ method }) => {
    if (method !== "POST") return undefined;
    server.run = runOf({
      status: "stopped",
      status_reason: "Its run was stopped.",
      counts: countsOf({ completed: 36, failed: 2, cancelled: 2 }),
    });
    return { body: server.run };
  };
  await userEvent.click(await screen.findByRole("button", { name: "Stop…" }));
  expect(screen.getByRole("alertdialog").textContent).toContain("Stop this run on 2 machines?");
  await userEvent.click(screen.getByRole("button", { name: "Stop the run" }));
  expect(await screen.findByText("The run was stopped")).toBeTruthy();
  expect(posts().map(({ path }) => path)).toEqual(["/api/command-runs/r1/stop"]);
  await waitFor(() => expect(screen.queryByRole("button", { name: "Stop…" })).toBeNull());
});

it("offers no stop where all has ended", async () => {
  open({ run: runOf({ status: "finished", counts: countsOf({ completed: 3 }) }) });
  expect(await again()).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Stop…" })).toBeNull();
});

it.each([
  ["me", null],
  ["someone", "true"],
])("lets whoever may run scripts only stop their own: asked for by %s", async (created_by, disabled) => {
  signInWith("scripts.run");
  open({ run: runOf({ created_by }) });
  const stop = await screen.findByRole("button", { name: "Stop…" });
  expect(stop.getAttribute("aria-disabled")).toBe(disabled);
});

const OF_SCRIPT = {
  command: "#!/bin/sh\ndf -h",
  script_id: "s1",
  script_name: "Disk space",
  script_version: 3,
  parameters: { folder: "/srv", mode: "" },
};

it("is called by its script, shows its text and what it was given, and leads to it", async () => {
  signInWith("commands.view", "scripts.view");
  open({ run: runOf(OF_SCRIPT) });
  expect(await screen.findByRole("heading", { level: 1, name: "Script: Disk space (version 3)" })).toBeTruthy();
  expect(document.title).toBe("Script: Disk space (version 3) · GuruRMM");
  expect(screen.getByRole("region", { name: "Text of the command" }).textContent).toBe(OF_SCRIPT.command);
  const given = within(screen.getByRole("list", { name: "Parameters" })).getAllByRole("listitem");
  expect(given.map(({ textContent }) => textContent)).toEqual(["folder/srv", "modeempty"]);
  expect(screen.getByRole("heading", { name: "Text of Disk space (version 3)" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "Disk space" }).getAttribute("href")).toBe("/scripts/s1");
});

it("leads nobody to a script who may not see the library", async () => {
  open({ run: runOf(OF_SCRIPT) });
  expect(await screen.findByRole("heading", { name: "Text of Disk space (version 3)" })).toBeTruthy();
  expect(screen.queryByRole("link", { name: "Disk space" })).toBeNull();
});

it("says nothing of where it was asked for to whoever is not told", async () => {
  open();
  await screen.findByText("Order");
  expect(screen.queryByText("Asked for")).toBeNull();
});

it("tells in the server's words where it may not be stopped", async () => {
  const detail = "This run reaches machines where you may not run commands.";
  open({
    answer: ({ method }) => (method === "POST" ? { status: 403, body: { code: "forbidden", detail } } : undefined),
  });
  await userEvent.click(await screen.findByRole("button", { name: "Stop…" }));
  await userEvent.click(screen.getByRole("button", { name: "Stop the run" }));
  expect(await screen.findByText("The run was not stopped")).toBeTruthy();
  expect(screen.getByText(detail)).toBeTruthy();
});

it("is stopped where something is open still, though it is over", async () => {
  const { posts } = open({
    run: runOf({ status: "stopped", counts: countsOf({ failed: 3, offline: 2 }) }),
    answer: ({ method }) =>
      method === "POST" ? { status: 409, body: { code: "command_run_over", detail: "Over." } } : undefined,
  });
  await userEvent.click(await screen.findByRole("button", { name: "Stop…" }));
  expect(screen.getByRole("alertdialog").textContent).toContain("Stop this run on 2 machines?");
  await userEvent.click(screen.getByRole("button", { name: "Stop the run" }));
  expect(await screen.findByText(/There is nothing left to stop/)).toBeTruthy();
  expect(posts().map(({ path }) => path)).toEqual(["/api/command-runs/r1/stop"]);
});

const again = () => screen.findByRole("button", { name: "Run again where it failed…" });

it("is repeated where it failed, with new values for its variables", async () => {
  const { posts } = open({
    run: runOf({
      status: "finished",
      variables: ["NAME", "TOKEN"],
      counts: countsOf({ completed: 3, failed: 1, timeout: 1 }),
    }),
    answer: ({ method }) => (method === "POST" ? { status: 202, body: runOf({ id: "r2" }) } : undefined),
  });
  expect(await screen.findByText("Partly failed")).toBeTruthy();
  await userEvent.click(await again());
  expect(screen.getByRole("dialog", { name: "Run it again on 2 machines?" })).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "TOKEN" }), "secret");
  await userEvent.click(screen.getByRole("button", { name: "Run it again" }));
  await waitFor(() => expect(posts()).toHaveLength(1));
  expect(posts()[0]).toMatchObject({
    path: "/api/command-runs/r1/rerun",
    body: { environment: { NAME: "", TOKEN: "secret" } },
  });
  const earlier = await screen.findByRole("link", { name: "an earlier run, where it failed" });
  expect(earlier.getAttribute("href")).toBe("/command-runs/r1");
});

it("shows in the dialog why it cannot be repeated", async () => {
  const errors = [{ field: "environment", message: "Give a value for each variable." }];
  open({
    run: runOf({ status: "finished", counts: countsOf({ failed: 1 }) }),
    answer: ({ method }) =>
      method === "POST" ? { status: 422, body: { code: "validation_failed", errors } } : undefined,
  });
  await userEvent.click(await again());
  await userEvent.click(screen.getByRole("button", { name: "Run it again" }));
  expect((await screen.findByRole("alert")).textContent).toBe("Give a value for each variable.");
});

it("says why there is nothing to repeat, and to whom the run is closed", async () => {
  signInWith("commands.view", "agents.view");
  open({ run: runOf({ counts: countsOf({ completed: 1, running: 1 }) }) });
  for (const name of ["Run again where it failed…", "Stop…"]) {
    expect((await screen.findByRole("button", { name })).getAttribute("aria-disabled")).toBe("true");
  }
});

it("says that a run is not here, or that it could not be read", async () => {
  open({ answer: () => ({ status: 404, body: { code: "command_run_not_found" } }) });
  expect(await screen.findByText("This run is not here")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Back to the list" }).getAttribute("href")).toBe("/commands?tab=runs");
});

it("says by which schedule it was begun, for what time", async () => {
  signInWith("commands.view", "schedules.view");
  const due_at = "2026-01-02T03:00:00Z";
  open({ run: runOf({ schedule_id: "h1", schedule_name: "Nightly", due_at, counts: mixed }) });
  const links = await screen.findAllByRole("link", { name: "Nightly" });
  expect(links.map((link) => link.getAttribute("href"))).toEqual(["/schedules/h1", "/schedules/h1"]);
  expect(links[0]?.closest("div")?.textContent).toMatch(/^on 40 machines, begun by schedule Nightly, due /);
  expect(screen.getByText("Due").nextElementSibling?.querySelector("time")?.dateTime).toBe(due_at);
  expect(screen.getByText("In the name of").nextElementSibling?.textContent).toBe("Technician Two");
});

it("says so without a name to who may not see the schedule", async () => {
  open({ run: runOf({ schedule_id: "h1", due_at: "2026-01-02T03:00:00Z", counts: mixed }) });
  expect(await screen.findByText(/begun by a schedule, due/)).toBeTruthy();
});
