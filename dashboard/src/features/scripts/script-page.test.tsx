import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { agentOf } from "@/test/agent";
import { commandDetailOf, commandOf } from "@/test/command";
import { countsOf, runOf } from "@/test/command-run";
import { open, press } from "./script-page-helper";

afterEach(() => queryClient.clear());

it("shows the runs of this script, asked for by page", async () => {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(2000);
  const own = runOf({ id: "r1", script_id: "s1", script_version: 1, counts: countsOf({ completed: 2 }) });
  const asked: (string | null)[] = [];
  open({
    script: { ended_count: 4, completed_count: 3 },
    at: "?tab=runs",
    change: ({ path, search }) => {
      if (path !== "/api/command-runs") return undefined;
      asked.push(search.get("script_id"));
      return search.get("after")
        ? { body: { items: [{ ...own, id: "r3", created_by_name: "Technician Three" }], next: null } }
        : { body: { items: [own], next: "older" } };
    },
  });
  expect(await screen.findByText("Technician Two")).toBeTruthy();
  expect(screen.getByText(/3 of 4 commands completed: of the last 90 days/)).toBeTruthy();
  expect(await screen.findByText("Technician Three")).toBeTruthy();
  expect(asked).toEqual(["s1", "s1"]);
});

it("tries the newest version on one machine and shows what it writes", async () => {
  const { posts } = open({
    script: { approved_version: 1 },
    versions: [{}, { number: 2, text: "uptime\n" }],
    change: ({ method, path, search }) => {
      if (method === "POST") return { status: 202, body: runOf({ id: "r9" }) };
      if (path === "/api/agents") return { body: { items: [agentOf({})], next: null } };
      if (path === "/api/commands" && search.get("run_id") === "r9") {
        return { body: { items: [commandOf({ id: "k9", run_id: "r9" })], next: null } };
      }
      return path === "/api/commands/k9"
        ? { body: commandDetailOf({ id: "k9", status: "completed", exit_code: 0, stdout: "up 3 days" }) }
        : undefined;
    },
  });
  await userEvent.click(await screen.findByRole("combobox", { name: "Machine" }));
  await userEvent.click(await screen.findByRole("option", { name: /web-1/ }));
  await press("Run version 2");
  expect(await screen.findByText("up 3 days")).toBeTruthy();
  expect(posts()[0]?.body).toMatchObject({ targets: { ids: ["a1"] }, number: 2 });
  expect(screen.getByRole("link", { name: "Open the run" }).getAttribute("href")).toBe("/command-runs/r9");
});

it("renames and puts away, and runs nothing that was put away", async () => {
  const changes: unknown[] = [];
  const { server } = open({
    at: "?tab=settings",
    change: ({ method, body }) => {
      if (method !== "PATCH") return undefined;
      changes.push(body);
      const { archived, ...naming } = body as { archived?: boolean };
      server.script = { ...server.script, ...naming, ...(archived ? { archived_at: "2026-01-03T00:00:00Z" } : {}) };
      return { body: server.script };
    },
  });
  const folder = await screen.findByRole("combobox", { name: "Folder" });
  await userEvent.clear(folder);
  await userEvent.type(folder, "a/b/c/d/e/f");
  await press("Save settings");
  expect(await screen.findByText("At most 5 folders, one in another.")).toBeTruthy();
  await userEvent.clear(folder);
  await userEvent.type(folder, "Linux/Disks");
  await press("Save settings");
  expect(await screen.findByText("Disk space saved")).toBeTruthy();
  await press("Put away");
  expect(await screen.findByText(/It was put away/)).toBeTruthy();
  expect(changes).toEqual([
    { name: "Disk space", folder: "Linux/Disks", description: "Tells how full the disks are." },
    { archived: true },
  ]);
  expect((await screen.findByRole("button", { name: "Run…" })).getAttribute("aria-disabled")).toBe("true");
  expect(await screen.findByRole("button", { name: "Take out" })).toBeTruthy();
});

it("says that a script is not here", async () => {
  open({ change: () => ({ status: 404, body: { code: "script_not_found", detail: "None." } }) });
  expect(await screen.findByText("This script is not here")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Back to the library" })).toBeTruthy();
});

it("leads to a schedule of it, unless it was put away or one may not", async () => {
  open({ may: ["schedules.edit"], script: { approved_version: 1 } });
  const link = await screen.findByRole("link", { name: "Schedule…" });
  expect(link.getAttribute("href")).toBe("/schedules/new?script_id=s1");
  cleanup();
  queryClient.clear();
  open({ may: ["scripts.view"] });
  const button = await screen.findByRole("button", { name: "Schedule…" });
  expect(button.getAttribute("aria-disabled")).toBe("true");
});

it("schedules a script without an approved version only for who may run any command", async () => {
  open({ may: ["schedules.edit"], script: { approved_version: null } });
  await press("Schedule…");
  expect((await screen.findAllByText(/^No version is approved/)).length).toBeGreaterThan(0);
  cleanup();
  queryClient.clear();
  open({ may: ["schedules.edit", "commands.run"], script: { approved_version: null } });
  expect(await screen.findByRole("link", { name: "Schedule…" })).toBeTruthy();
});
