import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import type { Client, Site } from "@/api/types";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { SiteForm } from "./site-form";

beforeEach(() => {
  Element.prototype.scrollIntoView = () => {};
});
afterEach(() => queryClient.clear());

const client = { id: "c1", name: "Example Florist" } as Client;
const site = { id: "s1", name: "Shop", remove_after_days: 30 } as Site;
const DAYS = /^Remove machines that have been offline/;

function open(edited?: Site): Seen[] {
  signInWith("sites.edit");
  const seen = fakeServer(() => ({ body: site }));
  const form = () => <SiteForm {...(edited ? { site: edited } : { client })} onClose={() => {}} />;
  openPage({ path: "/clients", component: form }, "/clients");
  return seen;
}

it("says after how many days machines are removed, within bounds", async () => {
  const seen = open(site);
  const days = await screen.findByLabelText(DAYS);
  expect((days as HTMLInputElement).value).toBe("30");
  await userEvent.clear(days);
  await userEvent.type(days, "366");
  await userEvent.click(screen.getByRole("button", { name: "Save site" }));
  expect(await screen.findByText(/^From 1 to 365 days/)).toBeTruthy();
  expect(seen).toHaveLength(0);
  await userEvent.clear(days);
  await userEvent.click(screen.getByRole("button", { name: "Save site" }));
  await waitFor(() => expect(seen[0]?.body).toEqual({ name: "Shop", remove_after_days: null }));
});

it("leaves the days alone when only the name changes", async () => {
  const seen = open(site);
  await userEvent.type(await screen.findByLabelText("Name"), "s");
  await userEvent.click(screen.getByRole("button", { name: "Save site" }));
  await waitFor(() => expect(seen[0]?.body).toEqual({ name: "Shops" }));
});

it("asks for a name and a time zone when a site is created, which is the organisation's unless one is named", async () => {
  const seen = open();
  await userEvent.type(await screen.findByLabelText("Name"), "Shop");
  expect(screen.queryByLabelText(DAYS)).toBeNull();
  expect(screen.getByRole("combobox", { name: "Time zone" }).textContent).toBe("The organisation's");
  await userEvent.click(screen.getByRole("button", { name: "Create site" }));
  await waitFor(() => expect(seen[0]?.body).toEqual({ client_id: "c1", name: "Shop" }));
});

it("names the time zone of a new site", async () => {
  const seen = open();
  await userEvent.type(await screen.findByLabelText("Name"), "Shop");
  await userEvent.click(screen.getByRole("combobox", { name: "Time zone" }));
  await userEvent.keyboard("kathmandu");
  await userEvent.click(await screen.findByRole("option", { name: /Asia\/Kathmandu/ }));
  await userEvent.click(screen.getByRole("button", { name: "Create site" }));
  await waitFor(() => expect(seen[0]?.body).toEqual({ client_id: "c1", name: "Shop", time_zone: "Asia/Kathmandu" }));
});

it("names a time zone, or takes that of the organisation", async () => {
  const seen = open({ ...site, time_zone: "Europe/Berlin" });
  const zone = await screen.findByRole("combobox", { name: "Time zone" });
  expect(zone.textContent).toBe("Europe/Berlin");
  await userEvent.click(zone);
  await userEvent.keyboard("kathmandu");
  await userEvent.click(await screen.findByRole("option", { name: /Asia\/Kathmandu/ }));
  await userEvent.click(screen.getByRole("combobox", { name: "Time zone" }));
  await userEvent.click(await screen.findByRole("option", { name: "The organisation's" }));
  await userEvent.click(screen.getByRole("button", { name: "Save site" }));
  await waitFor(() => expect(seen[0]?.body).toEqual({ name: "Shop", time_zone: null }));
});
