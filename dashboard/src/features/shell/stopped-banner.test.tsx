import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { StoppedBanner } from "./stopped-banner";

afterEach(() => queryClient.clear());

function open(isStopped = true) {
  const server = { isStopped };
  const seen = fakeServer(({ path }) => {
    if (path === "/api/commands/start-again") {
      server.isStopped = false;
      return { status: 204 };
    }
    return {
      body: server.isStopped
        ? {
            commands_stopped_at: "2026-01-02T03:04:05Z",
            commands_stopped_by: "Technician Two",
            commands_stopped_reason: "A wrong script is out",
          }
        : {},
    };
  });
  openPage({ path: "/machines", component: StoppedBanner }, "/machines");
  return seen;
}

const banner = () => screen.findByText("All commands are stopped.");

it("says who stopped all commands, and why, and lets whoever may end that", async () => {
  signInWith("organisation.view", "commands.stop_all");
  open();
  await banner();
  expect(screen.getByRole("status").textContent).toMatch(/Technician Two did it .*: “A wrong script is out”/);
  await userEvent.click(screen.getByRole("button", { name: "Let commands start again" }));
  expect(await screen.findByText("Commands may start again")).toBeTruthy();
  await waitFor(() => expect(screen.queryByText("All commands are stopped.")).toBeNull());
});

it("offers the way back to nobody else", async () => {
  signInWith("organisation.view");
  open();
  await banner();
  expect(screen.queryByRole("button", { name: "Let commands start again" })).toBeNull();
});

it("is not there while commands may start, and asks nothing for whoever may not see it", async () => {
  signInWith("commands.view");
  const seen = open();
  await waitFor(() => expect(queryClient.isFetching()).toBe(0));
  expect(seen).toEqual([]);
  expect(screen.queryByText("All commands are stopped.")).toBeNull();
});
