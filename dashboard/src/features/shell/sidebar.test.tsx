import { screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { builtInRoles } from "@/api/can";
import { queryClient } from "@/api/client";
import type { StoredGrant } from "@/api/types";
import { fakeServer } from "@/test/fake-server";
import { grantOf, signIn } from "@/test/me";
import { openPage } from "@/test/open-page";
import { Sidebar } from "./sidebar";

afterEach(() => queryClient.clear());

async function pagesFor(grants: StoredGrant[], isOperator = false): Promise<(string | null)[]> {
  fakeServer(() => ({ body: { items: [] } }));
  signIn(grants, { is_operator: isOperator });
  openPage({ path: "/machines", component: Sidebar }, "/machines");
  const main = within(await screen.findByRole("navigation", { name: "Main" }));
  return main.getAllByRole("link").map((link) => link.textContent);
}

it("leads an owner everywhere", async () => {
  expect(await pagesFor([grantOf(builtInRoles.owner.permissions)])).toContain("API keys");
});

it("shows a viewer of one client no page that they may never open", async () => {
  expect(await pagesFor([grantOf(builtInRoles.viewer.permissions, { client_id: "acme" })])).toEqual([
    "Attention",
    "Machines",
    "Clients and sites",
    "Enrolment",
    "Settings",
  ]);
  expect(screen.getByRole("navigation", { name: "Clients" })).toBeTruthy();
});

it("shows whoever has nothing yet neither pages nor clients", async () => {
  expect(await pagesFor([])).toEqual(["Attention", "Settings"]);
  expect(screen.queryByRole("navigation", { name: "Clients" })).toBeNull();
});

it("leads operators, and nobody else, to the platform", async () => {
  expect(await pagesFor([], true)).toEqual(["Attention", "Settings", "Platform"]);
});

it("goes from the page of a client or a site to that of another", async () => {
  const clients = [{ id: "c2", name: "Example Florist", agent_count: 0, online_count: 0 }];
  fakeServer(({ path }) => ({ body: { items: path === "/api/clients" ? clients : [] } }));
  signIn([grantOf(builtInRoles.viewer.permissions)]);
  openPage({ path: "/sites/$id", component: Sidebar }, "/sites/s1");
  const tree = within(await screen.findByRole("navigation", { name: "Clients" }));
  const link = await tree.findByRole("link", { name: "Example Florist" });
  expect(link.getAttribute("href")).toBe("/clients/c2?client_id=c2");
  expect(tree.getByRole("link", { name: "All clients" }).getAttribute("href")).toBe("/clients");
  const here = within(screen.getByRole("navigation", { name: "Main" })).getByRole("link", { current: "page" });
  expect(here.textContent).toBe("Clients and sites");
});
