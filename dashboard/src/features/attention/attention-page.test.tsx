import { screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import { awaitingRun } from "@/test/command-run";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { AttentionPage } from "./attention-page";

afterEach(() => queryClient.clear());

function open(waiting: number, quarantined: number): Seen[] {
  signInWith("agents.view");
  const by_os = { linux: 9, windows: 0, macos: 0 };
  const seen = fakeServer(({ path }) => ({
    body: path.endsWith("/summary")
      ? { total: 9, online: 9, offline: 0, waiting, quarantined, by_os }
      : { items: [], next: null, count: 0 },
  }));
  openPage({ path: "/", component: AttentionPage }, "/");
  return seen;
}

it("says who waits and who is quarantined, and leads there", async () => {
  const seen = open(3, 1);
  const list = within(await screen.findByRole("list", { name: "Enrolment" }));
  expect(list.getByRole("link", { name: "3 machines wait to be let in" }).getAttribute("href")).toBe("/enrolment");
  const held = list.getByRole("link", { name: "1 machine is quarantined" });
  expect(held.getAttribute("href")).toBe("/enrolment?tab=held");
  // who waits is not offline besides
  expect(seen.find(({ search }) => search.get("status") === "offline")?.search.get("state")).toBe("active");
});

it("says nothing of it when there are none", async () => {
  open(0, 0);
  expect(await screen.findByText("Every machine is online.")).toBeTruthy();
  expect(screen.queryByRole("list", { name: "Enrolment" })).toBeNull();
});

const byOs = { linux: 9, windows: 0, macos: 0 };
const summary = { total: 9, online: 9, offline: 0, waiting: 0, quarantined: 0, by_os: byOs };

function openRuns(runs: { status?: number; body: unknown }, ...may: Permission[]): Seen[] {
  signInWith("agents.view", ...may);
  const seen = fakeServer(({ path }) => {
    if (path === "/api/command-runs") return runs;
    return { body: path.endsWith("/summary") ? summary : { items: [], next: null, count: 0 } };
  });
  openPage({ path: "/", component: AttentionPage }, "/");
  return seen.filter(({ path }) => path === "/api/command-runs");
}

it("leads whoever may decide to the runs that wait for it", async () => {
  openRuns({ body: { items: [awaitingRun({ command: "reboot" })], next: null } }, "commands.approve");
  const link = await screen.findByRole("link", { name: "reboot" });
  expect(link.getAttribute("href")).toBe("/command-runs/r1");
  expect(screen.getByText("30 machines, asked by Technician Two")).toBeTruthy();
});

it("calls a run of a script that waits by its name", async () => {
  const run = awaitingRun({ command: "#!/bin/sh\nreboot", script_name: "Restart", script_version: 2 });
  openRuns({ body: { items: [run], next: null } }, "commands.approve");
  expect(await screen.findByRole("link", { name: "Script: Restart (version 2)" })).toBeTruthy();
});

it("asks for no runs for whoever may not decide", async () => {
  const asked = openRuns({ body: { items: [awaitingRun()], next: null } }, "commands.view");
  expect(await screen.findByText("No command failed in the last 24 hours.")).toBeTruthy();
  expect(asked).toEqual([]);
});

it("tells that it cannot say whether runs wait", async () => {
  openRuns({ status: 500, body: { code: "internal" } }, "commands.approve");
  expect((await screen.findByRole("alert")).textContent).toContain("The server failed");
});
