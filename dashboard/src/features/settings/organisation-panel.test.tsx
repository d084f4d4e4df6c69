import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import type { OrganisationSettings } from "@/api/types";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { OrganisationPanel } from "./organisation-panel";

afterEach(() => queryClient.clear());

function open(more: Partial<OrganisationSettings> = {}): Seen[] {
  const organisation = {
    id: "org",
    name: "Example",
    created_at: "2026-01-02T03:04:05Z",
    agent_count: 1204,
    user_count: 3,
    ...more,
  };
  const seen = fakeServer(({ path }) => ({
    body: path === "/api/auth/me" ? queryClient.getQueryData(["auth_me", {}]) : organisation,
  }));
  openPage({ path: "/settings", component: OrganisationPanel }, "/settings");
  return seen;
}

it("names the organisation", async () => {
  signInWith("organisation.view", "organisation.edit");
  const seen = open();
  const name = await screen.findByLabelText("Name of the organisation");
  await userEvent.clear(name);
  await userEvent.click(screen.getByRole("button", { name: "Save name" }));
  expect(await screen.findByText("Write the name.")).toBeTruthy();
  await userEvent.type(name, " Other ");
  await userEvent.click(screen.getByRole("button", { name: "Save name" }));
  await waitFor(() => expect(seen.find(({ method }) => method === "PATCH")?.body).toEqual({ name: "Other" }));
  expect(screen.getByText("1,204, no limit")).toBeTruthy();
});

it("says what is left when that is little, and what to do when nothing is", async () => {
  signInWith("organisation.view");
  open({ agents_max: 1300, users_max: 3, retention_days_max: 30 });
  expect(await screen.findByText("96 more machines can join.")).toBeTruthy();
  expect(screen.getByText(/^Nobody else can join\. Remove somebody/)).toBeTruthy();
  expect(screen.getByText("Kept for 30 days at most")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Save name" }).getAttribute("aria-disabled")).toBe("true");
});
