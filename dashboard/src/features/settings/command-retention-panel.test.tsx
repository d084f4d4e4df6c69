import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { CommandRetentionPanel } from "./command-retention-panel";

afterEach(() => {
  queryClient.clear();
  vi.useRealTimers();
});

type Reply = { status?: number; body?: unknown };

function open(days: number | null, answer?: (seen: Seen) => Reply | undefined) {
  const seen = fakeServer((asked) => answer?.(asked) ?? { body: { name: "Example", command_days: days } });
  openPage({ path: "/settings", component: CommandRetentionPanel }, "/settings");
  return () => seen.filter(({ method }) => method === "PATCH").map(({ body }) => body);
}

const field = () => screen.findByLabelText<HTMLInputElement>("Days after their end");
const button = () => screen.getByRole("button", { name: "Save retention of commands" });
const dialog = () => screen.findByRole("alertdialog");
const press = async (name: string) => userEvent.click(within(await dialog()).getByRole("button", { name }));

async function saveDays(days: string) {
  const input = await field();
  await userEvent.clear(input);
  if (days) await userEvent.type(input, days);
  await userEvent.click(button());
}

it("takes a number of days, or nothing for ever, and says what is lost", async () => {
  signInWith("organisation.view", "organisation.edit");
  const saved = open(90);
  const input = await field();
  expect(input.value).toBe("90");
  expect(
    screen.getByText(/with their output, and do not come back\. What the audit log tells of them stays/),
  ).toBeTruthy();
  for (const wrong of ["6", "4001", "a few", "7.5"]) {
    await userEvent.clear(input);
    await userEvent.type(input, wrong);
    await userEvent.click(button());
    expect(await screen.findByText("Between 7 and 4,000 days, or nothing for ever.")).toBeTruthy();
  }
  await userEvent.clear(input);
  await userEvent.click(button());
  await waitFor(() => expect(saved()).toEqual([{ command_days: null }]));
});

it("begins empty where commands are kept for ever", async () => {
  signInWith("organisation.view", "organisation.edit");
  const saved = open(null);
  const input = await field();
  expect(input.value).toBe("");
  await userEvent.type(input, "7");
  await userEvent.click(button());
  await press("Remove older commands");
  await waitFor(() => expect(saved()).toEqual([{ command_days: 7 }]));
});

it.each([90, null])("asks before fewer days than %s are kept, and names the day", async (days) => {
  vi.useFakeTimers({ now: new Date(2026, 2, 31, 12), toFake: ["Date"] });
  signInWith("organisation.view", "organisation.edit");
  const saved = open(days);
  await saveDays("30");
  const asked = await dialog();
  expect(within(asked).getByRole("heading").textContent).toBe("Keep commands for 30 days only?");
  expect(asked.textContent).toContain("Commands that ended before 2026-03-01 go for good with their output.");
  expect(asked.textContent).toContain("What the audit log tells of them stays.");
  expect(saved()).toEqual([]);
  await press("Remove older commands");
  expect(await screen.findByText("Retention of commands saved")).toBeTruthy();
  expect(saved()).toEqual([{ command_days: 30 }]);
  expect(screen.queryByRole("alertdialog")).toBeNull();
});

it("sends nothing when it is not confirmed, and keeps what was typed", async () => {
  signInWith("organisation.view", "organisation.edit");
  const saved = open(90);
  await saveDays("89");
  await press("Keep");
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect((await field()).value).toBe("89");
  expect(saved()).toEqual([]);
  await userEvent.click(button());
  expect(await dialog()).toBeTruthy();
});

it.each([
  ["91", 91],
  ["", null],
])("saves %j at once where 90 days are kept", async (typed, sent) => {
  signInWith("organisation.view", "organisation.edit");
  const saved = open(90);
  await saveDays(typed);
  expect(await screen.findByText("Retention of commands saved")).toBeTruthy();
  expect(saved()).toEqual([{ command_days: sent }]);
  expect(screen.queryByRole("alertdialog")).toBeNull();
});

it("takes the reader to the field when the server refuses what was confirmed", async () => {
  signInWith("organisation.view", "organisation.edit");
  const errors = [{ field: "command_days", message: "Not so few." }];
  open(90, ({ method }) =>
    method === "PATCH" ? { status: 422, body: { code: "validation_failed", detail: "Wrong.", errors } } : undefined,
  );
  const answerAtOnce = fetch;
  vi.stubGlobal("fetch", async (request: Request) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return answerAtOnce(request);
  });
  await saveDays("8");
  await press("Remove older commands");
  expect(await screen.findByText("Not so few.")).toBeTruthy();
  const input = await field();
  expect(input.value).toBe("8");
  await waitFor(() => expect(document.activeElement).toBe(input));
});

it("shows at its field what the server says of it", async () => {
  signInWith("organisation.view", "organisation.edit");
  const errors = [{ field: "command_days", message: "Not so few." }];
  open(90, ({ method }) =>
    method === "PATCH" ? { status: 422, body: { code: "validation_failed", detail: "Wrong.", errors } } : undefined,
  );
  await userEvent.type(await field(), "0");
  await userEvent.click(button());
  expect(await screen.findByText("Not so few.")).toBeTruthy();
  expect((await field()).getAttribute("aria-invalid")).toBe("true");
});

it("says why it cannot be changed", async () => {
  signInWith("organisation.view");
  open(90);
  expect((await field()).disabled).toBe(true);
  expect(button().getAttribute("aria-disabled")).toBe("true");
});
