import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import type { Client, Site, SiteKey } from "@/api/types";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { ClientPage } from "./client-page";
import { placeSearch } from "./search";
import { SitePage } from "./site-page";

const time = "2026-01-02T03:04:05Z";
const client: Client = {
  id: "c1",
  name: "Example Florist",
  kind: "corporate",
  agent_count: 3,
  online_count: 2,
  site_count: 1,
  created_at: time,
  updated_at: time,
};
const site: Site = {
  id: "s1",
  name: "Shop",
  client_id: "c1",
  client_name: "Example Florist",
  agent_count: 3,
  online_count: 2,
  remove_after_days: 30,
  created_at: time,
  updated_at: time,
};
const key = { id: "k1", name: "Roll-out", site_id: "s1", site_name: "Shop", state: "active", use_count: 3 } as SiteKey;
const renamed = {
  id: "e1",
  occurred_at: time,
  summary: "Technician One renamed it",
  actor_kind: "user",
  outcome: "done",
  changes: [],
};

beforeEach(() => {
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
});
afterEach(() => queryClient.clear());

const ALL: Permission[] = ["clients.edit", "sites.edit", "agents.view", "site_keys.view", "audit.view"];

interface World {
  client?: Partial<Client>;
  site?: Partial<Site>;
  sites?: Site[];
  keys?: SiteKey[];
}

function open(address: string, world: World = {}, permissions = ALL): Seen[] {
  signInWith(...permissions);
  const seen = fakeServer(({ method, path }) => {
    if (method === "DELETE") return { status: 204 };
    const lists: Record<string, unknown[]> = {
      "/api/sites": world.sites ?? [site],
      "/api/site-keys": world.keys ?? [key],
      "/api/audit-events": [renamed],
    };
    if (lists[path]) return { body: { items: lists[path], next: null } };
    if (path === "/api/clients/c1") return { body: { ...client, ...world.client } };
    if (path === "/api/sites/s1") return { body: { ...site, ...world.site } };
    if (path === "/api/organisation") return { body: { id: "org", name: "Example", time_zone: "Europe/Berlin" } };
    if (path === "/api/agents/summary") return { body: { total: 3, waiting: 2, quarantined: 1 } };
    return { status: 404, body: { code: "not_found", status: 404, title: "", detail: "" } };
  });
  const component = address.startsWith("/clients/") ? ClientPage : SitePage;
  const path = address.startsWith("/clients/") ? "/clients/$id" : "/sites/$id";
  openPage({ path, component, validateSearch: placeSearch }, address);
  return seen;
}

const href = (name: string | RegExp) => screen.getByRole("link", { name }).getAttribute("href");

it("says what a client is, and leads to its sites, its machines and its keys", async () => {
  open("/clients/c1");
  expect(await screen.findByRole("heading", { name: "Example Florist" })).toBeTruthy();
  expect(screen.getAllByText("Corporate")).toHaveLength(2);
  expect(await screen.findByRole("link", { name: "Shop" })).toBeTruthy();
  expect(href("Shop")).toBe("/sites/s1");
  await screen.findByRole("link", { name: "2 machines to be let in" });
  expect(href("2 machines to be let in")).toBe("/enrolment?client_id=c1");
  expect(href("1 machine")).toBe("/machines?client_id=c1&state=quarantined");
  const machines = screen.getAllByRole("link", { name: "2 of 3 machines online" });
  expect(machines.map((link) => link.getAttribute("href")).sort()).toEqual([
    "/machines?client_id=c1",
    "/machines?client_id=c1&site_id=s1",
  ]);
  expect(await screen.findByText("Roll-out")).toBeTruthy();
  expect(href("All site keys")).toBe("/site-keys?client_id=c1");
});

it("tells what was done to a client and its things", async () => {
  const seen = open("/clients/c1");
  await userEvent.click(await screen.findByRole("tab", { name: "Audit" }));
  expect(await screen.findByRole("button", { name: renamed.summary })).toBeTruthy();
  const asked = seen.find(({ path }) => path === "/api/audit-events")?.search;
  expect(asked?.get("client_id")).toBe("c1");
});

it("shows neither keys nor audit nor ways to change to whoever may only look", async () => {
  const seen = open("/clients/c1?tab=audit", {}, ["agents.view"]);
  await screen.findByRole("link", { name: "Shop" });
  expect(screen.getAllByRole("tab").map((tab) => tab.textContent)).toEqual(["Overview"]);
  expect(screen.getByRole("tab").getAttribute("aria-selected")).toBe("true");
  expect(screen.queryByText("Site keys")).toBeNull();
  expect(screen.getByRole("button", { name: "New site for Example Florist" }).getAttribute("aria-disabled")).toBe(
    "true",
  );
  expect(seen.some(({ path }) => path === "/api/site-keys" || path === "/api/audit-events")).toBe(false);
});

it("tells the next step for a client without sites", async () => {
  open("/clients/c1", { client: { site_count: 0, agent_count: 0 }, sites: [], keys: [] });
  expect(await screen.findByText(/No site yet/)).toBeTruthy();
  expect(screen.getByText("0 sites · no machines")).toBeTruthy();
  expect(await screen.findByText(/No site key yet/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Create the first site" }));
  expect(await screen.findByRole("dialog", { name: "New site of Example Florist" })).toBeTruthy();
});

it("deletes a client without sites and leaves its page", async () => {
  const seen = open("/clients/c1", { client: { site_count: 0 }, sites: [] });
  await userEvent.click(await screen.findByRole("button", { name: "Actions for Example Florist" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Delete…" }));
  await userEvent.click(screen.getByRole("button", { name: "Delete client" }));
  expect(await screen.findByText("Example Florist deleted")).toBeTruthy();
  expect(seen.filter(({ method }) => method === "DELETE").map(({ path }) => path)).toEqual(["/api/clients/c1"]);
  await waitFor(() => expect(screen.queryByRole("heading", { name: "Example Florist" })).toBeNull());
  expect(screen.queryByText("This client is not here")).toBeNull();
});

it("says what a site is and how long it keeps machines that stay away", async () => {
  const seen = open("/sites/s1");
  expect(await screen.findByRole("heading", { name: "Shop" })).toBeTruthy();
  expect(screen.getByText("removed after 30 days")).toBeTruthy();
  for (const link of screen.getAllByRole("link", { name: "Example Florist" })) {
    expect(link.getAttribute("href")).toBe("/clients/c1");
  }
  expect(href("All site keys")).toBe("/site-keys?client_id=c1&site_id=s1");
  await userEvent.click(screen.getByRole("button", { name: "Actions for Shop" }));
  const remove = await screen.findByRole("menuitem", { name: /move its machines first/ });
  expect(remove.getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(screen.getByRole("menuitem", { name: "Rename, change…" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Change Shop" }));
  expect((dialog.getByLabelText("Name") as HTMLInputElement).value).toBe("Shop");
  await userEvent.keyboard("{Escape}");
  await userEvent.click(screen.getByRole("tab", { name: "Audit" }));
  await screen.findByRole("button", { name: renamed.summary });
  const asked = seen.find(({ path }) => path === "/api/audit-events")?.search;
  expect(asked?.get("site_id")).toBe("s1");
  expect(asked?.get("client_id")).toBeNull();
});

it.each([
  ["/clients/gone", "This client is not here"],
  ["/sites/gone", "This site is not here"],
])("says of %s that it is not there, and leads back", async (address, words) => {
  open(address);
  expect(await screen.findByText(words)).toBeTruthy();
  expect(href("Back to the list")).toBe("/clients");
});

it("says by which clock schedules are due at a site", async () => {
  open("/sites/s1", {}, [...ALL, "organisation.view"]);
  expect(await screen.findByText("Europe/Berlin, the organisation's")).toBeTruthy();
});

it("says the same of a site with a time zone of its own, and to who may not see the organisation's", async () => {
  open("/sites/s1", { site: { time_zone: "Asia/Tokyo" } });
  expect(await screen.findByText("Asia/Tokyo")).toBeTruthy();
  queryClient.clear();
  open("/sites/s1");
  expect(await screen.findByText("the organisation's")).toBeTruthy();
});
