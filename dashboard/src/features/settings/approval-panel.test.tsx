import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { ApprovalPanel } from "./approval-panel";

afterEach(() => queryClient.clear());

function open() {
  const seen = fakeServer(() => ({ body: { name: "Example", approval_threshold: 25 } }));
  openPage({ path: "/settings", component: ApprovalPanel }, "/settings");
  return () => seen.filter(({ method }) => method === "PATCH").map(({ body }) => body);
}

const field = () => screen.findByLabelText("Machines without approval, at most");
const save = () => userEvent.click(screen.getByRole("button", { name: "Save approval" }));

it("takes a number, or nothing for never", async () => {
  signInWith("organisation.view", "organisation.edit");
  const saved = open();
  const input = (await field()) as HTMLInputElement;
  expect(input.value).toBe("25");
  for (const wrong of ["0", "20001", "a few", "2.5"]) {
    await userEvent.clear(input);
    await userEvent.type(input, wrong);
    await save();
    expect(await screen.findByText("Between 1 and 20,000 machines, or nothing for never.")).toBeTruthy();
  }
  await userEvent.clear(input);
  await save();
  await waitFor(() => expect(saved()).toEqual([{ approval_threshold: null }]));
});

it("says why it cannot be changed", async () => {
  signInWith("organisation.view");
  open();
  expect(((await field()) as HTMLInputElement).disabled).toBe(true);
  expect(screen.getByRole("button", { name: "Save approval" }).getAttribute("aria-disabled")).toBe("true");
});
