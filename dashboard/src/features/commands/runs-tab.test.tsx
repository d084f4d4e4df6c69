import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import type { CommandRun } from "@/api/types";
import { countsOf, runOf } from "@/test/command-run";
import { fakeServer } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { CommandsPage } from "./commands-page";
import { commandsSearch } from "./search";

beforeEach(() => {
  signInWith("commands.view");
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
});
afterEach(() => queryClient.clear());

function open(items: CommandRun[], address = "/commands?tab=runs") {
  const seen = fakeServer(() => ({ body: { items, next: null } }));
  openPage({ path: "/commands", component: CommandsPage, validateSearch: commandsSearch }, address);
  return () => seen.filter(({ path }) => path === "/api/command-runs");
}

it("lists runs with how far they have come, and leads to them", async () => {
  open([
    runOf({ id: "r2", command: "reboot\nnow", counts: countsOf({ completed: 9, failed: 2, running: 1 }) }),
    runOf({ id: "r1", status: "finished", counts: countsOf({ failed: 4 }) }),
  ]);
  const row = await screen.findByRole("row", { name: /reboot/ });
  expect(within(row).getByRole("link", { name: "reboot …" }).getAttribute("href")).toBe("/command-runs/r2");
  expect(row.textContent).toMatch(/^Running.*11 \/ 12 · 2 failed.*Technician Two/);
  expect(within(row).getByRole("img", { name: "11 of 12 done: 9 OK, 2 failed, 1 running" })).toBeTruthy();
  expect(screen.getByRole("row", { name: /uptime/ }).textContent).toMatch(/^Failed/);
});

it("calls the run of a script by its name", async () => {
  open([runOf({ command: "#!/bin/sh\ndf -h", script_id: "s1", script_name: "Disk space", script_version: 3 })]);
  const link = await screen.findByRole("link", { name: "Script: Disk space (version 3)" });
  expect(link.getAttribute("href")).toBe("/command-runs/r1");
  expect(screen.queryByText(/#!/)).toBeNull();
});

it("names the schedule that has begun a run", async () => {
  signInWith("commands.view", "schedules.view");
  open([runOf({ schedule_id: "h1", schedule_name: "Nightly", due_at: "2026-01-02T02:00:00Z" })]);
  const row = await screen.findByRole("row", { name: /uptime/ });
  const by = within(row).getByTitle(/^Schedule Nightly, for Technician Two, due /);
  expect(by.textContent).toBe("Schedule Nightly");
  expect(within(by).getByRole("link", { name: "Nightly" }).getAttribute("href")).toBe("/schedules/h1");
});

it("shows those of one status, and says that the chosen client does not narrow them", async () => {
  const asked = open([], "/commands?tab=runs&client_id=c1");
  expect(await screen.findByText("Nothing was run on many machines yet")).toBeTruthy();
  expect(screen.getByText(/^Runs reach across clients/)).toBeTruthy();
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Status" }), "Awaiting approval");
  await waitFor(() => expect(asked().at(-1)?.search.get("status")).toBe("awaiting_approval"));
  expect(asked().at(-1)?.search.get("client_id")).toBeNull();
  expect(await screen.findByText("Nothing matches")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Remove the filter" }));
  expect(await screen.findByText("Nothing was run on many machines yet")).toBeTruthy();
});
