import { useLocation } from "@tanstack/react-router";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { type AllMatching, dialogStore } from "@/components/actions";
import { countsOf, runOf } from "@/test/command-run";
import { fakeServer } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { AppDialogs } from "./app-dialogs";

afterEach(() => {
  queryClient.clear();
  dialogStore.set(null);
});

const Page = () => (
  <>
    <output>{useLocation().href}</output>
    <AppDialogs />
  </>
);

function open(count: number, more: { all?: AllMatching; status?: "running" | "awaiting_approval" } = {}) {
  signInWith("commands.run");
  const status = more.status ?? "running";
  const seen = fakeServer(({ path }) => {
    if (path.endsWith("/preview")) return { body: { count, offline: 0, refused: {}, needs_approval: false } };
    if (path === "/api/command-runs") {
      return { status: 202, body: runOf({ id: "r1", status, counts: countsOf({ queued: count }) }) };
    }
    return { status: 202, body: { id: "k1" } };
  });
  const onStarted = vi.fn();
  const agents = Array.from({ length: count }, (_, index) => ({ id: `a${index}`, name: `web-${index}` }));
  dialogStore.set({ kind: "run_command", agents, all: more.all, onStarted });
  openPage({ path: "/$", component: Page }, "/machines");
  return { onStarted, posts: () => seen.map(({ path }) => path).filter((path) => !path.endsWith("/preview")) };
}

async function run() {
  await userEvent.type(await screen.findByRole("textbox", { name: "Command" }), "uptime{Control>}{Enter}{/Control}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
}

it("sends one machine its command, and leads to where it is seen running", async () => {
  const { posts, onStarted } = open(1);
  expect((await screen.findByRole("dialog")).textContent).toContain("On web-0");
  await run();
  expect(posts()).toEqual(["/api/agents/a0/command"]);
  expect(await screen.findByText("/machines/a0?tab=commands&command=k1")).toBeTruthy();
  expect(onStarted).toHaveBeenCalledOnce();
});

it("asks once for a run on several, and gives the selection back", async () => {
  const { posts, onStarted } = open(3);
  expect((await screen.findByRole("dialog")).textContent).toContain("On 3 machines");
  await run();
  expect(posts()).toEqual(["/api/command-runs"]);
  expect(onStarted).toHaveBeenCalledOnce();
  expect(await screen.findByText("Running on 3 machines")).toBeTruthy();
});

it("says of everything that matches how many the list has, and that somebody has to approve", async () => {
  open(2, { all: { filter: { os: "linux" }, count: 1_204 }, status: "awaiting_approval" });
  expect((await screen.findByRole("dialog")).textContent).toContain("On all that match, 1,204 machines in the list");
  await run();
  expect(await screen.findByText("A second person has to approve it")).toBeTruthy();
});
