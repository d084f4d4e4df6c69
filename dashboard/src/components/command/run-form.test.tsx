import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { TooltipProvider } from "@/ui/tooltip";
import type { Machine } from "../each-machine";
import { RunOnOne } from "./run-on-one";
import { NEW_RUN, type RunValues } from "./run-values";

afterEach(() => queryClient.clear());

function show(
  answer: (seen: Seen) => { status?: number; body?: unknown },
  onStarted = vi.fn(),
  agent: Machine = { id: "a1", name: "one" },
  initial: RunValues = NEW_RUN,
) {
  const seen = fakeServer(answer);
  signInWith("commands.run");
  render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <RunOnOne agent={agent} onStarted={onStarted} initial={initial} />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return { onStarted, runs: () => seen.filter(({ path }) => path.endsWith("/command")) };
}

const accepted = () => ({ status: 202, body: { id: "c1" } });
const command = () => screen.getByRole("textbox", { name: "Command" });
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));
const choose = (field: string, option: string) =>
  userEvent.selectOptions(screen.getByRole("combobox", { name: field }), option);
const write = (field: string, text: string) => userEvent.type(screen.getByRole("textbox", { name: field }), text);

describe("the form for one machine", () => {
  it("sends what was written on Ctrl+Enter", async () => {
    const { onStarted, runs } = show(accepted);
    await userEvent.type(command(), "uptime{Control>}{Enter}{/Control}");
    await waitFor(() => expect(onStarted).toHaveBeenCalledWith({ id: "c1" }));
    expect(runs()[0]?.body).toEqual({
      command: "uptime",
      command_type: "shell",
      context: "system",
      timeout_seconds: 300,
      on_disconnect: "continue",
      expires_in_seconds: 86_400,
    });
  });

  it("sends a script with what reads it, and all that it is given", async () => {
    const { onStarted, runs } = show(accepted);
    await userEvent.type(command(), "one{Enter}two");
    await choose("Type", "Script");
    await userEvent.type(screen.getByLabelText("Interpreter"), "perl");
    await press("Options");
    await press("Add argument");
    await write("Argument 1", "first, with a space");
    await press("Add argument");
    await press("Add variable");
    await write("Name of variable 1", "TOKEN");
    await write("Value of variable 1", "a=b");
    await press("Add variable");
    await choose("Runs as", "Logged-in user");
    expect(screen.getByText(/^2 arguments · 1 variable · as the logged-in user · at most 5 min/)).toBeTruthy();
    await press("Run command");
    await waitFor(() => expect(onStarted).toHaveBeenCalled());
    expect(runs()[0]?.body).toMatchObject({
      command: "one\ntwo",
      command_type: "script",
      interpreter: "perl",
      arguments: ["first, with a space", ""],
      environment: { TOKEN: "a=b" },
      context: "user_session",
    });
    expect(runs()[0]?.body).not.toHaveProperty("elevated");
    // What belonged to the text has gone with it.
    expect(screen.queryByRole("textbox", { name: "Argument 1" })).toBeNull();
  });

  it("takes everything over from what is run again", async () => {
    const again: RunValues = {
      ...NEW_RUN,
      command: "print(1)",
      type: "python",
      interpreter: "",
      args: [{ text: "two\nlines" }],
      variables: [{ name: "A", value: "b" }],
      context: "user_session",
      timeout: "60",
      wait: 604_800,
      keepRunning: false,
    };
    const { onStarted, runs } = show(accepted, vi.fn(), { id: "a1", name: "one" }, again);
    await press("Run command");
    await waitFor(() => expect(onStarted).toHaveBeenCalled());
    expect(runs()[0]?.body).toEqual({
      command: "print(1)",
      command_type: "python",
      arguments: ["two\nlines"],
      environment: { A: "b" },
      context: "user_session",
      timeout_seconds: 60,
      on_disconnect: "abort",
      expires_in_seconds: 604_800,
    });
  });

  it("does not ask the server for what is wrong already, and shows it", async () => {
    const { runs } = show(accepted);
    await choose("Type", "Script");
    await press("Options");
    await userEvent.clear(screen.getByRole("spinbutton", { name: "Time limit (seconds)" }));
    for (const name of ["1st", "OK", "OK", "GURURMM_X"]) {
      await press("Add variable");
      const count = screen.getAllByRole("textbox", { name: /^Name of variable/ }).length;
      await write(`Name of variable ${count}`, name);
    }
    await press("Options");
    await press("Run command");
    expect(await screen.findByText("Write the command to run.")).toBeTruthy();
    expect(screen.getByText(/^Say what reads the script/)).toBeTruthy();
    expect(screen.getByText("From 1 to 86,400 seconds.")).toBeTruthy();
    expect(screen.getByText("Letters, digits and _, no digit first.")).toBeTruthy();
    expect(screen.getByText("This name is there already.")).toBeTruthy();
    expect(screen.getByText(/^Names that begin with GURURMM_/)).toBeTruthy();
    expect(screen.getByRole("button", { name: "Options" }).getAttribute("aria-expanded")).toBe("true");
    expect(runs()).toHaveLength(0);
  });

  it("shows the server's refusal at the field it names, and opens the options for it", async () => {
    let refusals = [
      { field: "timeout_seconds", message: "Too long for this machine." },
      { field: "arguments", message: "An argument is longer than 4096 bytes." },
      { field: "expires_in_seconds", message: "Too long a wait." },
    ];
    const { onStarted } = show(() =>
      refusals.length > 0 ? { status: 422, body: { code: "validation_failed", errors: refusals } } : accepted(),
    );
    await userEvent.type(command(), "uptime");
    expect(screen.queryByRole("spinbutton", { name: "Time limit (seconds)" })).toBeNull();
    await press("Run command");
    await screen.findByText("Too long for this machine.");
    const field = screen.getByRole("spinbutton", { name: "Time limit (seconds)" });
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(field.getAttribute("aria-describedby")).toBeTruthy();
    expect(screen.getByText("An argument is longer than 4096 bytes.")).toBeTruthy();
    expect(screen.getByText("Too long a wait.")).toBeTruthy();
    refusals = [];
    await press("Run command");
    await waitFor(() => expect(onStarted).toHaveBeenCalled());
  });

  it("shows any other refusal above the button", async () => {
    show(() => ({ status: 403, body: { code: "forbidden" } }));
    await userEvent.type(command(), "uptime");
    await press("Run command");
    expect((await screen.findByRole("alert")).textContent).toContain("You may not do this");
  });

  it("runs once, however often it is asked to while it sends", async () => {
    const { onStarted, runs } = show(accepted);
    const twice = "{Control>}{Enter}{Enter}{/Control}";
    await userEvent.type(command(), `reboot${twice}`, { delay: null });
    await waitFor(() => expect(onStarted).toHaveBeenCalled());
    expect(runs()).toHaveLength(1);
  });

  it("warns of what a machine lacks, and runs it all the same", async () => {
    const capabilities = [
      { name: "commands.python", supported: false, reason: "python3 is not installed" },
      { name: "commands.user_session", supported: false, reason: "Nobody is logged in." },
    ];
    const { onStarted, runs } = show(accepted, vi.fn(), { id: "a1", name: "web-1", capabilities });
    await userEvent.type(command(), "print(1)");
    expect(screen.queryByText(/do not run on/)).toBeNull();
    await choose("Type", "Python");
    expect(screen.getByText("Python commands do not run on web-1: python3 is not installed.")).toBeTruthy();
    await press("Options");
    await choose("Runs as", "Logged-in user");
    expect(screen.getByText(/session of the logged-in user do not run on web-1: Nobody is logged in\.$/)).toBeTruthy();
    await press("Run command");
    await waitFor(() => expect(onStarted).toHaveBeenCalled());
    expect(runs()).toHaveLength(1);
  });
});
