import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { builtInRoles } from "@/api/can";
import { queryClient } from "@/api/client";
import type { Member, StoredGrant } from "@/api/types";
import { fakeServer } from "@/test/fake-server";
import { grantOf, signIn } from "@/test/me";
import { openPage } from "@/test/open-page";
import { GrantDialog } from "./grant-dialog";
import { GrantsTab } from "./grants-tab";

afterEach(() => queryClient.clear());

const TIME = "2026-01-02T03:04:05Z";
const ROLES = Object.entries(builtInRoles).map(([name, role]) => ({
  built_in: name,
  name: role.title,
  description: role.description,
  permissions: role.permissions,
  user_count: 0,
}));
const built = (name: keyof typeof builtInRoles, more: Partial<StoredGrant> = {}) => ({
  ...grantOf(builtInRoles[name].permissions, { role_id: null, built_in: name, ...more }),
  role_name: builtInRoles[name].title,
  created_at: TIME,
});
const member = (grants: Member["grants"]): Member => ({
  id: "u1",
  name: "Person Two",
  email: "two@example.com",
  status: "active",
  created_at: TIME,
  grants,
});

function openWith(own: StoredGrant[], user: Member, page: "dialog" | "tab" = "dialog") {
  const seen = fakeServer(({ path, method }) => {
    if (path === "/api/roles") return { body: { items: ROLES } };
    if (path === "/api/clients") return { body: { items: [{ id: "acme", name: "Acme" }] } };
    if (path === "/api/clients/acme") return { body: { id: "acme", name: "Acme" } };
    if (method === "POST") return { status: 201, body: {} };
    return { body: { items: [] } };
  });
  signIn(own);
  const component = () =>
    page === "dialog" ? <GrantDialog user={user} onClose={() => {}} /> : <GrantsTab user={user} />;
  openPage({ path: "/users/$id", component }, "/users/u1");
  return seen;
}

const radio = (name: string) => screen.findByRole("radio", { name: new RegExp(`^${name}`) });
const reasonOf = (element: HTMLElement) =>
  (element.getAttribute("aria-describedby") ?? "")
    .split(" ")
    .map((id) => document.getElementById(id)?.textContent ?? "")
    .join(" ");

it("offers what oneself holds, and says why the rest cannot be given", async () => {
  const seen = openWith([built("administrator")], member([]));
  const owner = await radio("Owner");
  expect(owner.getAttribute("aria-disabled")).toBe("true");
  expect(reasonOf(owner)).toContain("Make and unmake owners");
  await userEvent.click(owner);
  expect((owner as HTMLInputElement).checked).toBe(false);
  await userEvent.click(await radio("Technician"));
  await userEvent.click(screen.getByRole("button", { name: "Give the role" }));
  await waitFor(() => expect(seen.some(({ method }) => method === "POST")).toBe(true));
  expect(seen.find(({ method }) => method === "POST")).toMatchObject({
    path: "/api/users/u1/grants",
    body: { effect: "allow", built_in: "technician", client_id: null, site_id: null },
  });
});

it("asks what one holds at the place that is chosen", async () => {
  openWith([grantOf(["users.edit", "clients.view"]), built("technician", { client_id: "acme" })], member([]));
  // a technician of one client only does not make technicians of the whole organisation
  expect((await radio("Technician")).getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(screen.getByRole("combobox", { name: "Where" }));
  await userEvent.click(await screen.findByRole("option", { name: /Acme/ }));
  await waitFor(async () => expect((await radio("Technician")).getAttribute("aria-disabled")).not.toBe("true"));
  expect(reasonOf(await radio("Technician"))).toContain("count in the whole organisation only");
  expect(reasonOf(await radio("Administrator"))).toContain("which you do not hold there yourself");
  expect(reasonOf(await radio("Owner"))).toContain("Owners own the whole organisation");
});

it("does not offer twice what somebody has, and denies nothing to an owner", async () => {
  openWith([built("owner")], member([{ ...built("owner"), id: "g1" }]));
  expect(reasonOf(await radio("Owner"))).toContain("They have it there already.");
  await userEvent.click(await radio("Deny"));
  await userEvent.click(await radio("Viewer"));
  expect(screen.getByRole("button", { name: "Deny the role" }).getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByText(/^Nothing is denied to an owner/)).toBeTruthy();
});

it("lets nobody take from those who may do more, and tells apart what is denied", async () => {
  const user = member([
    { ...built("owner"), id: "g1" },
    { ...built("viewer", { effect: "deny", client_id: "acme" }), id: "g2", client_name: "Acme" },
  ]);
  openWith([built("administrator")], user, "tab");
  const take = await screen.findByRole("button", { name: "Take away: Owner in the whole organisation" });
  expect(take.getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByText("Denied:")).toBeTruthy();
  expect(screen.getByRole("button", { name: /^No longer deny/ }).getAttribute("aria-disabled")).toBe("true");
});

it("lifts what is denied, for somebody who holds it", async () => {
  const user = member([{ ...built("viewer", { effect: "deny", client_id: "acme" }), id: "g2", client_name: "Acme" }]);
  openWith([built("administrator")], user, "tab");
  const lift = await screen.findByRole("button", { name: "No longer deny: Viewer on Acme" });
  expect(lift.getAttribute("aria-disabled")).not.toBe("true");
  await userEvent.click(lift);
  expect(screen.getByRole("alertdialog").textContent).toContain("Denied: Viewer on Acme");
});
