import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { CommandRetentionPanel } from "./command-retention-panel";

afterEach(() => queryClient.clear());

type Reply = { status?: number; body?: unknown };

function open(days: number | null, answer?: (seen: Seen) => Reply | undefined) {
  const seen = fakeServer((asked) => answer?.(asked) ?? { body: { name: "Example", command_days: days } });
  openPage({ path: "/settings", component: CommandRetentionPanel }, "/settings");
  return () => seen.filter(({ method }) => method === "PATCH").map(({ body }) => body);
}

const field = () => screen.findByLabelText<HTMLInputElement>("Days after their end");
const button = () => screen.getByRole("button", { name: "Save retention of commands" });

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
  await waitFor(() => expect(saved()).toEqual([{ command_days: 7 }]));
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
