import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { dialogStore } from "@/components/actions";
import { agentOf } from "@/test/agent";
import { commandDetailOf } from "@/test/command";
import { fakeServer } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { CommandPage } from "./command-page";

const script = commandDetailOf({
  command_type: "script",
  interpreter: "/usr/bin/perl",
  command: "# greets\nprint $ENV{NAME};",
  arguments: ["--all", ""],
  variables: ["NAME", "TOKEN"],
  context: "user_session",
  status: "completed",
  exit_code: 0,
  timeout_seconds: 60,
  stdout: "done\n",
});

afterEach(() => {
  queryClient.clear();
  dialogStore.set(null);
});

function open(command = script) {
  fakeServer(({ path }) => ({
    body: path.startsWith("/api/agents/") ? agentOf({ capabilities: [{ name: "metrics", supported: true }] }) : command,
  }));
  openPage({ path: "/commands/$id", component: CommandPage }, "/commands/k1");
}

it("shows all that was asked for", async () => {
  signInWith("commands.view", "commands.run", "agents.view");
  open();
  expect((await screen.findByRole("region", { name: "Text of the command" })).textContent).toBe(script.command);
  expect(screen.getByText("# greets").className).toContain("text-soft");
  const given = within(screen.getByRole("table", { name: "Arguments" })).getAllByRole("row");
  expect(given.map((row) => row.textContent)).toEqual(["NumberValueCopy", "1--allCopy", "2empty"]);
  const variables = within(screen.getByRole("list", { name: "Variables" })).getAllByRole("listitem");
  expect(variables.map((row) => row.textContent)).toEqual(["NAME", "TOKEN"]);
  for (const words of ["Script", "/usr/bin/perl", "logged-in user"]) expect(screen.getByText(words)).toBeTruthy();
});

it("is run again with everything that it was given", async () => {
  signInWith("commands.view", "commands.run", "agents.view");
  open();
  await userEvent.click(await screen.findByRole("button", { name: "Run again…" }));
  await waitFor(() => expect(dialogStore.get()).not.toBeNull());
  expect(dialogStore.get()).toMatchObject({
    kind: "run_command",
    agents: [{ id: "a1", name: "web-1" }],
    initial: {
      command: script.command,
      type: "script",
      interpreter: "/usr/bin/perl",
      args: [{ text: "--all" }, { text: "" }],
      variables: [
        { name: "NAME", value: "" },
        { name: "TOKEN", value: "" },
      ],
      context: "user_session",
      timeout: "60",
      wait: 86_400,
      keepRunning: true,
    },
  });
});

it("says why it cannot be run again", async () => {
  signInWith("commands.view");
  open();
  expect((await screen.findByRole("button", { name: "Run again…" })).getAttribute("aria-disabled")).toBe("true");
});

it("leads to the run that it is part of, and says that it waits for a second person", async () => {
  signInWith("commands.view");
  open(commandDetailOf({ run_id: "r1", status: "awaiting_approval" }));
  const link = await screen.findByRole("link", { name: "a run on many machines" });
  expect(link.getAttribute("href")).toBe("/command-runs/r1");
  expect(screen.getByText("Waits until a second person approves its run")).toBeTruthy();
  expect(screen.getByText("Awaiting approval")).toBeTruthy();
});
