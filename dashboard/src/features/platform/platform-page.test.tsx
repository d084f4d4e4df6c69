import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import type { PlatformOrganisation } from "@/api/types";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signIn } from "@/test/me";
import { openPage } from "@/test/open-page";
import { PlatformPage } from "./platform-page";

const bakery: PlatformOrganisation = {
  id: "bakery",
  name: "Example Bakery",
  created_at: "2026-01-02T03:04:05Z",
  suspended_at: null,
  agents_max: 50,
  agent_count: 46,
  users_max: 5,
  user_count: 5,
  retention_days_max: null,
};
const own: PlatformOrganisation = { ...bakery, id: "org", name: "Example", agents_max: null, users_max: null };
const closed: PlatformOrganisation = { ...own, id: "closed", name: "Closed", suspended_at: "2026-02-02T03:04:05Z" };

beforeEach(() => {
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
});
afterEach(() => queryClient.clear());

function open(items: PlatformOrganisation[], answer: { status: number; body?: unknown } = { status: 204 }): Seen[] {
  signIn([], { is_operator: true });
  const seen = fakeServer(({ method }) => (method === "GET" ? { body: { items, next: null } } : answer));
  openPage({ path: "/platform", component: PlatformPage }, "/platform");
  return seen;
}

const changed = (seen: Seen[]) => seen.find(({ method }) => method !== "GET");

it("says how much of what it may have each has, and that operators see nothing in it", async () => {
  open([bakery, own, closed]);
  const row = await screen.findByRole("row", { name: /^Example Bakery/ });
  expect(row.textContent).toContain("46 of 50, nearly full");
  expect(row.textContent).toContain("5 of 5, full");
  expect(row.textContent).toContain("No limit");
  expect(screen.getByRole("row", { name: /^Closed/ }).textContent).toContain("Suspended");
  expect(screen.getByText(/Operators see nothing in an organisation/)).toBeTruthy();
});

it("makes an organisation and shows the link of its first owner this once", async () => {
  const url = "http://localhost/join#token=grmm_invite_x";
  const seen = open([], { status: 201, body: { id: "new", url } });
  await userEvent.click(await screen.findByRole("button", { name: "Create the first" }));
  await userEvent.click(screen.getByRole("button", { name: "Create organisation" }));
  expect(await screen.findByText("Write the name of the organisation.")).toBeTruthy();
  await userEvent.type(screen.getByLabelText("Name"), " New one ");
  await userEvent.type(screen.getByLabelText("E-mail of its first owner"), "owner@example.com");
  await userEvent.type(screen.getByLabelText("People"), "0");
  await userEvent.type(screen.getByLabelText("Machines"), "0");
  await userEvent.click(screen.getByRole("button", { name: "Create organisation" }));
  expect(await screen.findByText("Between 1 and 100,000, or nothing for no limit.")).toBeTruthy();
  expect(changed(seen)).toBeUndefined();

  await userEvent.type(screen.getByLabelText("People"), "{Backspace}12");
  await userEvent.click(screen.getByRole("button", { name: "Create organisation" }));
  const dialog = await screen.findByRole("dialog", { name: "The link of the first owner" });
  expect(within(dialog).getByText(url)).toBeTruthy();
  expect(changed(seen)?.body).toEqual({
    name: "New one",
    owner_email: "owner@example.com",
    limits: { agents_max: 0, users_max: 12, retention_days_max: null },
  });
  // only its buttons close it, and then it is gone
  await userEvent.keyboard("{Escape}");
  await userEvent.click(within(dialog).getByRole("button", { name: "I have copied it" }));
  await waitFor(() => expect(screen.queryByText(url)).toBeNull());
});

it("sends all limits when one is changed, and leaves the state as it is", async () => {
  const seen = open([bakery]);
  await userEvent.click(await screen.findByRole("button", { name: "Limits of Example Bakery" }));
  const dialog = within(screen.getByRole("dialog", { name: "Limits of Example Bakery" }));
  const save = () => dialog.getByRole("button", { name: "Save limits" });
  expect(save().getAttribute("aria-disabled")).toBe("true");
  await userEvent.clear(dialog.getByLabelText("Machines"));
  await userEvent.type(dialog.getByLabelText(/^Days/), "90");
  await userEvent.click(save());
  await waitFor(() =>
    expect(changed(seen)).toMatchObject({ method: "PUT", path: "/api/platform/organisations/bakery" }),
  );
  expect(changed(seen)?.body).toEqual({ limits: { agents_max: null, users_max: 5, retention_days_max: 90 } });
});

it("suspends after it was asked, with the limits as they are, and never the one that is looked at", async () => {
  const seen = open([bakery, own]);
  const suspendOwn = await screen.findByRole("button", { name: "Suspend Example" });
  expect(suspendOwn.getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(screen.getByRole("button", { name: "Suspend Example Bakery" }));
  const dialog = within(screen.getByRole("alertdialog", { name: "Suspend Example Bakery?" }));
  expect(dialog.getByText(/Nobody gets in.*Its machines go on/s)).toBeTruthy();
  expect(changed(seen)).toBeUndefined();
  await userEvent.click(dialog.getByRole("button", { name: "Suspend" }));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect(changed(seen)?.body).toEqual({ suspended: true });
});

it("resumes", async () => {
  const seen = open([closed]);
  await userEvent.click(await screen.findByRole("button", { name: "Resume Closed" }));
  await waitFor(() => expect(changed(seen)?.body).toMatchObject({ suspended: false }));
});

it("asks nothing for whoever is no operator, and says how one is made", async () => {
  signIn([]);
  const seen = fakeServer(() => ({ status: 404 }));
  openPage({ path: "/platform", component: PlatformPage }, "/platform");
  expect(await screen.findByText("This page is for operators")).toBeTruthy();
  expect(seen.filter(({ path }) => path.startsWith("/api/platform"))).toEqual([]);
});
