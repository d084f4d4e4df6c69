import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import type { CommandRunPreview } from "@/api/types";
import { fakeServer, type Seen } from "@/test/fake-server";
import { grantOf, signIn, signInWith } from "@/test/me";
import { TooltipProvider } from "@/ui/tooltip";
import type { AllMatching } from "../actions";
import { RunOnMany } from "./run-on-many";

afterEach(() => queryClient.clear());

const machines = ["a1", "a2", "a3"].map((id) => ({ id, name: `web-${id}` }));
const reach = (more: Partial<CommandRunPreview> = {}): CommandRunPreview => ({
  count: 3,
  offline: 0,
  refused: {},
  approval_threshold: 25,
  needs_approval: false,
  ...more,
});

interface Given {
  preview?: Partial<CommandRunPreview> | undefined;
  all?: AllMatching;
  answer?: (seen: Seen) => { status?: number; body?: unknown } | undefined;
  may?: Permission[];
}

function show({ preview, all, answer, may = ["commands.run"] }: Given = {}) {
  signInWith(...may);
  const onStarted = vi.fn();
  const seen = fakeServer((asked) => {
    const given = answer?.(asked);
    if (given) return given;
    return asked.path.endsWith("/preview") ? { body: reach(preview) } : { status: 202, body: { id: "r1" } };
  });
  render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <RunOnMany agents={machines} all={all} onStarted={onStarted} />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  const to = (path: string) => seen.filter((asked) => asked.path === path).map(({ body }) => body);
  return { onStarted, previews: () => to("/api/command-runs/preview"), runs: () => to("/api/command-runs") };
}

const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));
const write = (name: string, text: string) => userEvent.type(screen.getByRole("spinbutton", { name }), text);
const writeCommand = () => userEvent.type(screen.getByRole("textbox", { name: "Command" }), "uptime");

it("asks once for all machines, all at once unless told", async () => {
  const { onStarted, previews, runs } = show();
  await writeCommand();
  await press("Run command");
  await waitFor(() => expect(onStarted).toHaveBeenCalledExactlyOnceWith({ id: "r1" }));
  const targets = { ids: ["a1", "a2", "a3"] };
  expect(previews()).toEqual([{ targets }]);
  expect(runs()).toEqual([
    {
      targets,
      what: {
        command: "uptime",
        command_type: "shell",
        context: "system",
        timeout_seconds: 300,
        on_disconnect: "continue",
      },
      pace: { mode: "parallel" },
      expires_in_seconds: 86_400,
    },
  ]);
});

it("means everything that a filter matches, without naming a machine", async () => {
  const all = { filter: { status: "online", site_id: "s1" }, count: 1_204 } as const;
  const { runs } = show({ all });
  await writeCommand();
  await press("Run command");
  await waitFor(() => expect(runs()).toHaveLength(1));
  expect(runs()[0]).toMatchObject({ targets: { filter: { status: "online", site_id: "s1" } } });
});

it("sends the pace that was chosen, and says it in a line", async () => {
  const { runs } = show();
  await writeCommand();
  await press("Options");
  await write("Machines a minute, at most", "60");
  await write("Stop after failures", "2");
  expect(screen.getByText(/ · all at once, at most 60 machines a minute, stops after 2 failures$/)).toBeTruthy();
  await press("Run command");
  await waitFor(() => expect(runs()).toHaveLength(1));
  expect(runs()[0]).toMatchObject({ pace: { mode: "parallel", rate_per_minute: 60, stop_after_failures: 2 } });
});

it("gives no rate to machines that are told one after the other", async () => {
  const { runs } = show();
  await writeCommand();
  await press("Options");
  await write("Machines a minute, at most", "60");
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Order" }), "One after the other");
  expect(screen.queryByRole("spinbutton", { name: "Machines a minute, at most" })).toBeNull();
  await press("Run command");
  await waitFor(() => expect(runs()).toHaveLength(1));
  expect(runs()[0]).toMatchObject({ pace: { mode: "ordered" } });
  expect(runs()[0]).not.toHaveProperty("pace.rate_per_minute");
});

it("has the server's rules for the pace", async () => {
  const { runs } = show();
  await writeCommand();
  await press("Options");
  await write("Stop after failures", "2");
  await press("Options");
  await press("Run command");
  expect(await screen.findByText(/^All machines are told at once, so there is no rest to stop/)).toBeTruthy();
  await write("Machines a minute, at most", "100001");
  await press("Run command");
  expect(await screen.findByText("From 1 to 100,000 machines.")).toBeTruthy();
  expect(runs()).toEqual([]);
});

it("says what it would reach before it is sent, and who is left out", async () => {
  show({ preview: { count: 3, offline: 1, refused: { forbidden: 2 } } });
  expect(await screen.findByText("3 machines are told, 1 of them offline now.")).toBeTruthy();
  expect(screen.getByText(/^2 machines are left out: 2 where whoever asks may not run this/)).toBeTruthy();
  expect(screen.queryByText(/second person/)).toBeNull();
});

it("asks for approval where a second person has to say yes", async () => {
  const { runs } = show({ preview: { count: 30, needs_approval: true } });
  expect(await screen.findByText("A second person has to approve this: more than 25 machines.")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Run command" })).toBeNull();
  await writeCommand();
  await press("Ask for approval");
  await waitFor(() => expect(runs()).toHaveLength(1));
});

it("sends nothing that would reach nobody", async () => {
  const { runs } = show({ preview: { count: 0, refused: { agent_not_active: 3 } } });
  await screen.findByText("0 machines are told.");
  await writeCommand();
  await press("Run command");
  expect(screen.getByRole("button", { name: "Run command" }).getAttribute("aria-disabled")).toBe("true");
  expect(runs()).toEqual([]);
});

it("tells that it could not look, and looks again", async () => {
  let fails = true;
  show({
    answer: ({ path }) =>
      fails && path.endsWith("/preview") ? { status: 500, body: { code: "internal" } } : undefined,
  });
  expect(await screen.findByText(/could not be found out\. The server failed/)).toBeTruthy();
  fails = false;
  await press("Try again");
  expect(await screen.findByText("3 machines are told.")).toBeTruthy();
});

it("shows the server's refusal at the field it names", async () => {
  const errors = [
    { field: "what.command", message: "For so many machines text may have 6,710 bytes." },
    { field: "rate_per_minute", message: "Too fast for this server." },
  ];
  show({
    answer: ({ path }) =>
      path === "/api/command-runs" ? { status: 422, body: { code: "validation_failed", errors } } : undefined,
  });
  await writeCommand();
  await press("Run command");
  expect(await screen.findByText("For so many machines text may have 6,710 bytes.")).toBeTruthy();
  expect(screen.getByRole("textbox", { name: "Command" }).getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByText("Too fast for this server.")).toBeTruthy();
});

it("is open to whoever may run on some of them, and closed to whoever may on none", async () => {
  const at = (clientId: string) => ({ place: { clientId, siteId: `${clientId}-office` } });
  const agents = [
    { id: "a1", name: "web-1", ...at("acme") },
    { id: "a2", name: "web-2", ...at("other") },
  ];
  fakeServer(() => ({ body: reach({ count: 1, refused: { forbidden: 1 } }) }));
  const form = (clientId: string) => {
    signIn([grantOf(["commands.run"], { client_id: clientId })]);
    return (
      <QueryClientProvider client={queryClient}>
        <TooltipProvider>
          <RunOnMany agents={agents} onStarted={vi.fn()} />
        </TooltipProvider>
      </QueryClientProvider>
    );
  };
  const button = () => screen.getByRole("button", { name: "Run command" });
  const { unmount } = render(form("acme"));
  await screen.findByText("1 machine is told.");
  expect(button().getAttribute("aria-disabled")).toBeNull();
  unmount();
  render(form("third"));
  expect(button().getAttribute("aria-disabled")).toBe("true");
});

it("is closed while all commands are stopped, and says by whom and why", async () => {
  const stopped = {
    commands_stopped_at: "2026-01-02T03:04:05Z",
    commands_stopped_by: "Technician Two",
    commands_stopped_reason: "A wrong script is out",
  };
  const { runs } = show({
    may: ["commands.run", "organisation.view"],
    answer: ({ path }) => (path === "/api/organisation" ? { body: stopped } : undefined),
  });
  expect(await screen.findByText("Technician Two stopped all commands: A wrong script is out.")).toBeTruthy();
  await press("Run command");
  expect(runs()).toEqual([]);
});
