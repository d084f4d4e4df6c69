import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { TooltipProvider } from "@/ui/tooltip";
import { RunForm } from "./run-form";

afterEach(() => queryClient.clear());

function show(
  answer: (seen: Seen) => { status?: number; body?: unknown },
  onStarted = vi.fn(),
  agents = [{ id: "a1", name: "one" }],
) {
  const seen = fakeServer(answer);
  signInWith("commands.run");
  render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <RunForm agents={agents} onStarted={onStarted} />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return { onStarted, runs: () => seen.filter(({ path }) => path.endsWith("/command")) };
}

describe("RunForm", () => {
  it("sends what was written on Ctrl+Enter", async () => {
    const { onStarted, runs } = show(() => ({ status: 202, body: { id: "c1" } }));
    await userEvent.type(screen.getByRole("textbox", { name: "Command" }), "uptime{Control>}{Enter}{/Control}");
    await waitFor(() => expect(onStarted).toHaveBeenCalledWith([{ id: "c1" }], []));
    expect(runs()[0]?.body).toMatchObject({
      command: "uptime",
      timeout_seconds: 300,
      on_disconnect: "continue",
      expires_in_seconds: 86_400,
    });
  });

  it("does not ask the server for what is wrong already", async () => {
    const { runs } = show(() => ({ status: 202, body: {} }));
    await userEvent.clear(screen.getByRole("spinbutton", { name: "Time limit (seconds)" }));
    await userEvent.click(screen.getByRole("button", { name: "Run command" }));
    expect(await screen.findByText("Write the command to run.")).toBeTruthy();
    expect(screen.getByText("From 1 to 86,400 seconds.")).toBeTruthy();
    expect(runs()).toHaveLength(0);
  });

  it("shows the server's refusal at the field it names", async () => {
    const errors = [{ field: "timeout_seconds", message: "Too long for this machine." }];
    show(() => ({ status: 422, body: { code: "validation_failed", errors } }));
    await userEvent.type(screen.getByRole("textbox", { name: "Command" }), "uptime");
    await userEvent.click(screen.getByRole("button", { name: "Run command" }));
    await screen.findByText("Too long for this machine.");
    const field = screen.getByRole("spinbutton", { name: "Time limit (seconds)" });
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(field.getAttribute("aria-describedby")).toBeTruthy();
  });

  it("shows any other refusal above the button", async () => {
    show(() => ({ status: 403, body: { code: "forbidden" } }));
    await userEvent.type(screen.getByRole("textbox", { name: "Command" }), "uptime");
    await userEvent.click(screen.getByRole("button", { name: "Run command" }));
    expect((await screen.findByRole("alert")).textContent).toContain("You may not do this");
  });

  it("runs once, however often it is asked to while it sends", async () => {
    const { onStarted, runs } = show(() => ({ status: 202, body: { id: "c1" } }));
    const twice = "{Control>}{Enter}{Enter}{/Control}";
    await userEvent.type(screen.getByRole("textbox", { name: "Command" }), `reboot${twice}`, { delay: null });
    await waitFor(() => expect(onStarted).toHaveBeenCalled());
    expect(runs()).toHaveLength(1);
  });

  it("tells which machines did not take it", async () => {
    const agents = Array.from({ length: 12 }, (_, index) => ({ id: `a${index}`, name: `web-${index}` }));
    const { onStarted } = show(
      ({ path }) => (path.endsWith("/a9/command") ? { status: 202, body: { id: "c9" } } : { status: 503 }),
      vi.fn(),
      agents,
    );
    await userEvent.type(screen.getByRole("textbox", { name: "Command" }), "uptime{Control>}{Enter}{/Control}");
    await waitFor(() => expect(onStarted).toHaveBeenCalled());
    const refused = agents.filter(({ id }) => id !== "a9");
    expect(onStarted).toHaveBeenCalledWith([{ id: "c9" }], refused);
  });
});
