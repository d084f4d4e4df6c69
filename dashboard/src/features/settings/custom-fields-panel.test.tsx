import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import type { CustomField } from "@/api/types";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { CustomFieldsPanel } from "./custom-fields-panel";

afterEach(() => queryClient.clear());

const time = "2026-01-02T03:04:05Z";
const LEVEL: CustomField = {
  id: "level",
  name: "Level",
  kind: "choice",
  choices: ["Gold", "Silver"],
  agent_count: 3,
  created_at: time,
  updated_at: time,
};

function open(items: CustomField[], change: { status?: number; body?: unknown } = { body: LEVEL }): Seen[] {
  const seen = fakeServer(({ method }) => (method === "GET" ? { body: { items } } : change));
  openPage({ path: "/settings", component: CustomFieldsPanel }, "/settings");
  return seen;
}

const sent = (seen: Seen[]) => seen.find(({ method }) => method !== "GET");

it("adds a field of a kind with its choices", async () => {
  signInWith("agents.view", "organisation.edit");
  const seen = open([]);
  expect(await screen.findByText(/^Add what the agents cannot know/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Add a field" }));
  await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), " Level ");
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Kind" }), "Choice");
  await userEvent.click(screen.getByRole("button", { name: "Add field" }));
  expect(await screen.findByText("Write at least one choice.")).toBeTruthy();
  await userEvent.type(screen.getByRole("textbox", { name: "Choices" }), "Gold{Enter}{Enter} Silver ");
  await userEvent.click(screen.getByRole("button", { name: "Add field" }));
  await waitFor(() => expect(sent(seen)?.body).toEqual({ name: "Level", kind: "choice", choices: ["Gold", "Silver"] }));
});

it("says at the choices which one machines still have", async () => {
  signInWith("agents.view", "organisation.edit");
  const detail = "The choice Silver is set on 3 machines. Choose something else there first.";
  open([LEVEL], { status: 409, body: { code: "choice_in_use", status: 409, title: "Conflict", detail } });
  expect(await screen.findByText("Choice · Gold, Silver · filled in on 3 machines")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Change Level" }));
  const choices = await screen.findByRole("textbox", { name: "Choices" });
  await userEvent.clear(choices);
  await userEvent.type(choices, "Gold");
  await userEvent.click(screen.getByRole("button", { name: "Save field" }));
  expect(await screen.findByText(/Silver is set on 3 machines/)).toBeTruthy();
  expect(choices.getAttribute("aria-invalid")).toBe("true");
});

it("says before a field is deleted of how many machines it says something", async () => {
  signInWith("agents.view", "organisation.edit");
  const seen = open([LEVEL], { status: 204 });
  await userEvent.click(await screen.findByRole("button", { name: "Delete Level" }));
  expect(screen.getByRole("alertdialog").textContent).toContain("What it says of 3 machines is deleted with it");
  await userEvent.click(screen.getByRole("button", { name: "Delete field" }));
  await waitFor(() => expect(sent(seen)?.path).toBe("/api/custom-fields/level"));
});

it("lets nobody change it who may not", async () => {
  signInWith("agents.view");
  open([LEVEL]);
  for (const name of ["Add a field", "Change Level", "Delete Level"]) {
    expect((await screen.findByRole("button", { name })).getAttribute("aria-disabled")).toBe("true");
  }
});
