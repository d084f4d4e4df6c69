import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { StopCommandsPanel } from "./stop-commands-panel";

afterEach(() => queryClient.clear());

function open(stoppedAt: string | null = null) {
  const seen = fakeServer(({ path }) =>
    path === "/api/commands/stop-all"
      ? { body: { told: 12 } }
      : {
          body: {
            name: "Example",
            commands_stopped_at: stoppedAt,
            commands_stopped_by: stoppedAt && "Technician Two",
            commands_stopped_reason: stoppedAt && "A wrong script",
          },
        },
  );
  openPage({ path: "/settings", component: StopCommandsPanel }, "/settings");
  return () => seen.filter(({ method }) => method === "POST");
}

const stop = () => screen.findByRole("button", { name: "Stop all commands" });

it("stops everything when told why and by the organisation's name", async () => {
  signInWith("organisation.view", "commands.stop_all");
  const posts = open();
  await userEvent.click(await stop());
  expect(await screen.findByText("Say why, in at most 500 characters.")).toBeTruthy();
  expect(screen.getByText("Write exactly: Example")).toBeTruthy();
  await userEvent.type(screen.getByLabelText("Why"), " A wrong script ");
  await userEvent.type(screen.getByLabelText("Confirm by its name"), "example");
  await userEvent.click(await stop());
  expect(posts()).toEqual([]);
  await userEvent.clear(screen.getByLabelText("Confirm by its name"));
  await userEvent.type(screen.getByLabelText("Confirm by its name"), "Example");
  await userEvent.click(await stop());
  expect(await screen.findByText("All commands were stopped")).toBeTruthy();
  expect(posts()).toMatchObject([{ path: "/api/commands/stop-all", body: { reason: "A wrong script" } }]);
});

it("stops nothing for whoever may not, also by the keyboard", async () => {
  signInWith("organisation.view");
  const posts = open();
  expect((await stop()).getAttribute("aria-disabled")).toBe("true");
  expect((screen.getByLabelText("Why") as HTMLTextAreaElement).disabled).toBe(true);
  await userEvent.click(await stop());
  expect(posts()).toEqual([]);
});

it("says that they are stopped, and lets them start again", async () => {
  signInWith("organisation.view", "commands.stop_all");
  const posts = open("2026-01-02T03:04:05Z");
  expect(await screen.findByText("A wrong script")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Stop all commands" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Let commands start again" }));
  await waitFor(() => expect(posts()[0]?.path).toBe("/api/commands/start-again"));
});

it("is not for whoever may neither see nor stop", async () => {
  signInWith("agents.view");
  open();
  await waitFor(() => expect(queryClient.isFetching()).toBe(0));
  expect(screen.queryByText("Stop all commands")).toBeNull();
});
