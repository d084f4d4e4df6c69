import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";
import { builtInRoles } from "@/api/can";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { grantOf, signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { type AccessFilter, AccessView } from "./access-view";
import { ALL_PERMISSIONS, decide, ORGANISATION, type Place, titleOf } from "./can";

afterEach(() => queryClient.clear());

const GRANTS = [
  { ...grantOf(builtInRoles.viewer.permissions, { id: "g1" }), role_name: "Viewer" },
  {
    ...grantOf(["agents.view"], { id: "g2", effect: "deny", client_id: "acme" }),
    role_name: "Own role",
    client_name: "Acme",
  },
].map((grant) => ({ ...grant, created_at: "2026-01-02T03:04:05Z" }));

function View() {
  const [place, setPlace] = useState<Place>(ORGANISATION);
  const [filter, setFilter] = useState<AccessFilter>();
  return (
    <AccessView userId="u1" who="Person Two" place={place} onPlace={setPlace} filter={filter} onFilter={setFilter} />
  );
}

function open() {
  fakeServer(({ path, search }) => {
    if (path === "/api/users/u1/access") {
      const place = { clientId: search.get("client_id") ?? undefined };
      const decisions = ALL_PERMISSIONS.map((permission) => {
        const { isAllowed, because } = decide(GRANTS, permission, place);
        return { permission, title: titleOf(permission), level: "place", is_allowed: isAllowed, because };
      });
      return { body: { grants: GRANTS, decisions } };
    }
    if (path === "/api/clients") return { body: { items: [{ id: "acme", name: "Acme" }] } };
    if (path === "/api/clients/acme") return { body: { id: "acme", name: "Acme" } };
    return { body: { items: [] } };
  });
  signInWith("users.view", "clients.view");
  openPage({ path: "/users/$id", component: View }, "/users/u1");
}

const row = (title: string) => {
  const item = screen.getByText(title).closest("li");
  if (!item) throw new Error(`no row ${title}`);
  return within(item);
};

it("says for a place what is allowed, what is denied and what nothing gives, and by which role", async () => {
  open();
  const machines = "See machines, their measurements and network";
  expect(await screen.findByText(machines)).toBeTruthy();
  expect(row(machines).getByText("Allowed")).toBeTruthy();
  expect(row(machines).getByText("Viewer")).toBeTruthy();
  expect(row("Run and cancel commands").getByText("Not given")).toBeTruthy();
  expect(row("Run and cancel commands").getByText("No role here gives it")).toBeTruthy();

  await userEvent.click(screen.getByRole("combobox", { name: "Place" }));
  await userEvent.click(await screen.findByRole("option", { name: /Acme/ }));
  await waitFor(() => expect(row(machines).getByText("Denied")).toBeTruthy());
  expect(row(machines).getByText("Denied: Own role on Acme")).toBeTruthy();
  expect((await screen.findAllByRole("status")).some(({ textContent }) => textContent?.includes("on Acme"))).toBe(true);

  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Show" }), "Only what is allowed");
  expect(screen.queryByText(machines)).toBeNull();
  expect(screen.getByText("See clients")).toBeTruthy();
});
