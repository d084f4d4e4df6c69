import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import type { ScriptVersion } from "@/api/types";
import { runOf } from "@/test/command-run";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { parameterOf, scriptOf, scriptVersionOf } from "@/test/script";
import { TooltipProvider } from "@/ui/tooltip";
import type { Machine } from "../each-machine";
import { RunScriptForm } from "./run-script-form";

afterEach(() => queryClient.clear());

const linux: Machine = { id: "a1", name: "web-1", os: "linux", place: { clientId: "c1", siteId: "s1" } };
const windows: Machine = { id: "a2", name: "desk-2", os: "windows", place: { clientId: "c1", siteId: "s1" } };

interface Shown {
  version?: Partial<ScriptVersion>;
  approved?: number | null;
  machines?: Machine[];
  may?: Permission[];
  answer?: (seen: Seen) => { status?: number; body?: unknown } | undefined;
}

const PREVIEW = {
  body: {
    count: 7,
    offline: 2,
    refused: { platform_mismatch: 3, parameter_missing: 1, forbidden: 2 },
    needs_approval: true,
    approval_threshold: 5,
  },
};

function show({ version, approved = 1, machines = [linux], may = ["scripts.run"], answer }: Shown = {}) {
  const seen = fakeServer(
    (asked) => answer?.(asked) ?? (asked.path.endsWith("/preview") ? PREVIEW : { status: 202, body: runOf({}) }),
  );
  signInWith(...may);
  const onStarted = vi.fn();
  render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <RunScriptForm
          script={scriptOf({ approved_version: approved })}
          version={scriptVersionOf(version)}
          where={{ machines }}
          onStarted={onStarted}
        />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return {
    onStarted,
    runs: () => seen.filter(({ path }) => path.endsWith("/run")),
    previews: () => seen.filter(({ path }) => path.endsWith("/preview")),
  };
}

const button = () => screen.getByRole("button", { name: "Run script" });
const isOff = () => button().getAttribute("aria-disabled") === "true";

const asking = {
  parameters: [
    parameterOf({ name: "folder", label: "Folder", default: "/etc", max_length: 20 }),
    parameterOf({ name: "days", label: "Days", kind: "number", min: 1, max: 30, required: true }),
    parameterOf({ name: "mode", label: "Mode", kind: "choice", choices: ["fast", "careful"], default: "careful" }),
    parameterOf({ name: "host", label: "Who", kind: "agent_field", field: "hostname" }),
    parameterOf({ name: "rack", label: "Rack", kind: "custom_field", field: "Rack", required: true }),
  ],
};

it("asks for each by its kind, with its default, and sends what was given and never what is the machine's", async () => {
  const { runs, onStarted } = show({ version: asking });
  expect((screen.getByRole("textbox", { name: "Folder" }) as HTMLTextAreaElement).value).toBe("/etc");
  expect((screen.getByRole("combobox", { name: "Mode" }) as HTMLSelectElement).value).toBe("careful");
  expect(screen.getByText(/each machine's own \(Host name\)/)).toBeTruthy();
  expect(screen.getByText(/Machines without it are left out/)).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "Days (required)" }), "7");
  await userEvent.clear(screen.getByRole("textbox", { name: "Folder" }));
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Mode" }), "fast");
  await userEvent.click(button());
  await waitFor(() => expect(onStarted).toHaveBeenCalled());
  expect(runs()[0]?.path).toBe("/api/scripts/s1/run");
  expect(runs()[0]?.body).toEqual({
    targets: { ids: ["a1"] },
    number: 1,
    // An empty text is given, so that the default does not take its place.
    parameters: { folder: "", days: "7", mode: "fast" },
    pace: { mode: "parallel" },
    expires_in_seconds: 86_400,
  });
});

it("checks as the server does before it asks it, and shows at its field what the server says", async () => {
  const { runs } = show({
    version: asking,
    answer: () => ({
      status: 422,
      body: {
        code: "validation_failed",
        detail: "Wrong.",
        errors: [{ field: "parameters.days", message: "Not on a Monday." }],
      },
    }),
  });
  const days = screen.getByRole("textbox", { name: "Days (required)" });
  await userEvent.click(button());
  expect(await screen.findByText("Give a value.")).toBeTruthy();
  await userEvent.type(days, "31");
  expect(await screen.findByText("Between 1 and 30.")).toBeTruthy();
  expect(runs()).toEqual([]);
  await userEvent.clear(days);
  await userEvent.type(days, "3");
  await userEvent.click(button());
  expect(await screen.findByText("Not on a Monday.")).toBeTruthy();
  expect(days.getAttribute("aria-invalid")).toBe("true");
});

it("says what the server says of the machines", async () => {
  show({
    answer: () => ({
      status: 422,
      body: {
        code: "validation_failed",
        detail: "Wrong.",
        errors: [{ field: "targets", message: "These machines have no value of something that the script asks for." }],
      },
    }),
  });
  await userEvent.click(button());
  expect((await screen.findByRole("alert")).textContent).toBe(
    "These machines have no value of something that the script asks for.",
  );
});

it("runs nothing that asks for a secret, and says why", () => {
  show({ version: { parameters: [parameterOf({ label: "Password", kind: "vault", field: "root" })] } });
  expect(isOff()).toBe(true);
  expect(screen.getByText(/a secret from the vault, which this server does not\s+have yet/)).toBeTruthy();
});

it("runs an approved version for who may run scripts, and another for who may run any command", async () => {
  show({ approved: 1 });
  expect(isOff()).toBe(false);
});

it("refuses a version that is not approved to who may run scripts alone", async () => {
  show({ approved: null });
  expect(isOff()).toBe(true);
  await userEvent.click(button());
  await userEvent.hover(button());
  expect((await screen.findByRole("tooltip")).textContent).toMatch(/not approved.*Run and cancel commands/);
});

it("lets who may run any command try a version that is not approved", () => {
  show({ approved: null, may: ["scripts.run", "commands.run"] });
  expect(isOff()).toBe(false);
});

it("says which machines it is not for, and runs on none that it is not for", () => {
  show({ machines: [linux, windows] });
  expect(screen.getByText(/It is for Linux only: 1 machine is left out \(desk-2\)/)).toBeTruthy();
  expect(isOff()).toBe(false);
});

it("does not run where no machine is of its system", () => {
  show({ machines: [windows] });
  expect(isOff()).toBe(true);
});

it("tells who may run scripts alone what it reaches, with those that it is not for", async () => {
  const { previews } = show({ machines: [linux, windows] });
  expect(await screen.findByText("7 machines are told, 2 of them offline now.")).toBeTruthy();
  expect(
    screen.getByText(
      "6 machines are left out: 3 of a system that the script is not for, 1 without a value of something that the script asks for, 2 where whoever asks may not run this.",
    ),
  ).toBeTruthy();
  expect(screen.getByText("A second person has to approve this: more than 5 machines.")).toBeTruthy();
  expect(previews().map(({ path, body }) => [path, body])).toEqual([
    ["/api/scripts/s1/preview", { targets: { ids: ["a1", "a2"] }, number: 1 }],
  ]);
});

it("asks for what it reaches neither on one machine, nor where it may not be run", () => {
  expect(show().previews()).toEqual([]);
  cleanup();
  queryClient.clear();
  expect(show({ machines: [linux, windows], approved: null }).previews()).toEqual([]);
});

it("can be run all the same when what it reaches could not be found out", async () => {
  const { runs } = show({
    machines: [linux, windows],
    answer: ({ path }) => (path.endsWith("/preview") ? { status: 500, body: { code: "internal" } } : undefined),
  });
  expect(await screen.findByText(/^Which machines it reaches could not be found out/)).toBeTruthy();
  await userEvent.click(button());
  await waitFor(() => expect(runs()).toHaveLength(1));
});

it("takes any time that an absent machine may take, within bounds", async () => {
  const { runs } = show();
  await userEvent.click(screen.getByRole("button", { name: "Options" }));
  const wait = screen.getByLabelText("Wait for an offline machine, at most");
  await userEvent.clear(wait);
  await userEvent.type(wait, "10");
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Unit of the wait" }), "seconds");
  await userEvent.click(button());
  expect(await screen.findByText("Between 30 seconds and 30 days.")).toBeTruthy();
  expect(runs()).toEqual([]);
  await userEvent.type(wait, "0");
  await userEvent.click(button());
  await waitFor(() => expect(runs()[0]?.body).toMatchObject({ expires_in_seconds: 100 }));
});
