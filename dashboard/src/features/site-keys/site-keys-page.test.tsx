import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import type { SiteKey } from "@/api/types";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { SiteKeysPage } from "./site-keys-page";

const rollOut: SiteKey = {
  id: "k1",
  site_id: "s1",
  site_name: "Shop",
  client_name: "Example Florist",
  name: "Roll-out",
  prefix: "grmm_site_abc",
  state: "active",
  use_count: 3,
  needs_approval: false,
  refused_count: 0,
  max_uses: 10,
  created_at: "2026-01-02T03:04:05Z",
  created_by_name: "Technician One",
  expires_at: "2030-01-02T03:04:05Z",
};
const old: SiteKey = { ...rollOut, id: "k2", name: "Old", state: "revoked" };

beforeEach(() => {
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
  signInWith("site_keys.view", "site_keys.edit", "agents.view");
});
afterEach(() => queryClient.clear());

function open(answer: unknown): Seen[] {
  const seen = fakeServer(({ method }) => ({
    body: method === "GET" ? { items: [rollOut, old], next: null } : answer,
  }));
  openPage({ path: "/site-keys", component: SiteKeysPage }, "/site-keys");
  return seen;
}

const changed = (seen: Seen[]) => seen.find(({ method }) => method !== "GET");
const menuOf = async (name: string) =>
  userEvent.click(await screen.findByRole("button", { name: `Actions for ${name}` }));

it("changes the name and the uses, and the end only when another is chosen", async () => {
  const seen = open(rollOut);
  await userEvent.click(await screen.findByRole("button", { name: "Change Roll-out" }));
  const dialog = within(screen.getByRole("dialog", { name: "Change Roll-out" }));
  const uses = dialog.getByLabelText("Good for how many machines");
  await userEvent.clear(uses);
  await userEvent.type(uses, "3");
  expect(dialog.getByText(/3 have joined with it.*no more can join/)).toBeTruthy();
  await userEvent.type(uses, "x");
  await userEvent.click(dialog.getByRole("button", { name: "Save key" }));
  expect(await dialog.findByText(/^Between 1 and 1,000,000/)).toBeTruthy();
  expect(changed(seen)).toBeUndefined();
  await userEvent.clear(uses);
  await userEvent.click(dialog.getByRole("button", { name: "Save key" }));
  await waitFor(() => expect(changed(seen)).toMatchObject({ method: "PATCH", path: "/api/site-keys/k1" }));
  expect(changed(seen)?.body).toEqual({ name: "Roll-out", max_uses: null });
});

it("takes the end away", async () => {
  const seen = open(rollOut);
  await userEvent.click(await screen.findByRole("button", { name: "Change Roll-out" }));
  await userEvent.selectOptions(screen.getByLabelText("Valid for"), "No end");
  await userEvent.click(screen.getByRole("button", { name: "Save key" }));
  await waitFor(() => expect(changed(seen)?.body).toMatchObject({ expires_at: null }));
});

it("makes a key anew once it was asked, and shows the new one this once", async () => {
  const seen = open({ site_key: rollOut, key: "grmm_site_new" });
  await menuOf("Roll-out");
  await userEvent.click(await screen.findByRole("menuitem", { name: "Make anew…" }));
  const question = within(screen.getByRole("alertdialog", { name: "Make Roll-out anew?" }));
  expect(question.getByText(/lets nobody in any more/)).toBeTruthy();
  expect(question.getByText(/Machines that have joined stay/)).toBeTruthy();
  expect(changed(seen)).toBeUndefined();
  await userEvent.click(question.getByRole("button", { name: "Make anew" }));
  const dialog = within(await screen.findByRole("dialog", { name: "The new site key" }));
  expect(dialog.getByText("grmm_site_new")).toBeTruthy();
  expect(changed(seen)?.path).toBe("/api/site-keys/k1/regenerate");
  await userEvent.click(dialog.getByRole("button", { name: "I have copied it" }));
  await waitFor(() => expect(screen.queryByText("grmm_site_new")).toBeNull());
});

it("leaves a revoked key as it is, and says why", async () => {
  open(old);
  expect((await screen.findByRole("button", { name: "Change Old" })).getAttribute("aria-disabled")).toBe("true");
  await menuOf("Old");
  const again = await screen.findByRole("menuitem", { name: /Make anew/ });
  expect(again.getAttribute("aria-disabled")).toBe("true");
  expect(again.textContent).toContain("It is revoked for good: create another.");
});

it("says which key needs approval and how often one was refused, and takes the approval away", async () => {
  const careful = { ...rollOut, needs_approval: true, refused_count: 4 };
  const seen = fakeServer(({ method }) => ({ body: method === "GET" ? { items: [careful], next: null } : careful }));
  openPage({ path: "/site-keys", component: SiteKeysPage }, "/site-keys");
  const row = within(await screen.findByRole("row", { name: /Roll-out/ }));
  expect(row.getByText("Needed")).toBeTruthy();
  expect(row.getByText("· 4 refused")).toBeTruthy();
  await userEvent.click(row.getByRole("button", { name: "Change Roll-out" }));
  await userEvent.click(screen.getByRole("checkbox", { name: /Machines wait until somebody lets them in/ }));
  await userEvent.click(screen.getByRole("button", { name: "Save key" }));
  await waitFor(() => expect(changed(seen)?.body).toMatchObject({ needs_approval: false }));
});
