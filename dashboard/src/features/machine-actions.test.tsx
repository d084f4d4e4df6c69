/** The page of a machine, its row, the bar of the selection and the palette offer one and the same list. */
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import type { Agent } from "@/api/types";
import { closeEverything, paletteStore } from "@/components/actions";
import { ALL_PERMISSIONS } from "@/components/can";
import { machineActions } from "@/components/machine-actions/machine-actions";
import { agentOf } from "@/test/agent";
import { fakeServer } from "@/test/fake-server";
import { grantOf, signIn } from "@/test/me";
import { openPage } from "@/test/open-page";
import { MachinePage } from "./agents/machine-page";
import { MachinesPage } from "./agents/machines-page";
import { machineSearch, machinesSearch } from "./agents/search";
import { Palette } from "./shell/palette";

const STOPPED = { commands_stopped_at: "2026-01-02T03:04:05Z", commands_stopped_by: "Technician Two" };
const FIELD = { id: "rack", name: "Rack", kind: "text", choices: [] };

beforeEach(() => {
  vi.stubGlobal("BroadcastChannel", class {});
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
});
afterEach(() => {
  queryClient.clear();
  closeEverything();
});

/** What is offered: in words, and why not. */
type Offer = [label: string, reason: string];

function serve(machines: Agent[], organisation = {}): void {
  fakeServer(({ path }) => {
    if (path === "/api/agents") return { body: { items: machines, next: null, count: machines.length } };
    if (path.startsWith("/api/agents/")) return { body: machines.find(({ id }) => path.endsWith(`/${id}`)) ?? {} };
    if (path === "/api/organisation") return { body: organisation };
    return { body: { items: path === "/api/custom-fields" ? [FIELD] : [], next: null, permissions: [] } };
  });
}

const Fleet = () => (
  <>
    <MachinesPage />
    <Palette />
  </>
);
const One = () => (
  <>
    <MachinePage />
    <Palette />
  </>
);
const openFleet = () => openPage({ path: "/machines", component: Fleet, validateSearch: machinesSearch }, "/machines");
const openMachine = (id: string) =>
  openPage(
    { path: "/machines/$id", component: One, validateSearch: machineSearch },
    `/machines/${id}?tab=capabilities`,
  );

const described = (element: HTMLElement): string =>
  document.getElementById(element.getAttribute("aria-describedby") ?? "")?.textContent ?? "";

async function inMenu(button: HTMLElement): Promise<Offer[]> {
  await userEvent.click(button);
  const items = await screen.findAllByRole("menuitem");
  const offers = items.map((item): Offer => [item.textContent?.trim() ?? "", described(item)]);
  await userEvent.keyboard("{Escape}");
  return offers;
}

/** Buttons say why they are off when they are pressed. */
async function onButtons(bar: HTMLElement): Promise<Offer[]> {
  const offers: Offer[] = [];
  for (const button of within(bar).getAllByRole("button", { name: /…$/ })) {
    let reason = "";
    if (button.getAttribute("aria-disabled") === "true") {
      button.focus();
      await waitFor(() => expect(button.getAttribute("aria-describedby")).toBeTruthy());
      reason = described(button);
    }
    offers.push([button.textContent?.trim() ?? "", reason]);
  }
  return offers;
}

/** The first group of the palette, as long as nothing is searched. */
async function inPalette(heading: string): Promise<Offer[]> {
  paletteStore.set(true);
  const palette = within(await screen.findByRole("dialog", { name: "Search and commands" }));
  const [first] = palette.getAllByRole("group");
  expect(first?.getAttribute("aria-labelledby")).toBeTruthy();
  const group = within(palette.getByRole("group", { name: heading }));
  expect(palette.getByRole("group", { name: heading })).toBe(first);
  const offers = group.getAllByRole("option").map((option): Offer => {
    const [label = "", reason = ""] = [...option.querySelectorAll("span span")].map((part) => part.textContent ?? "");
    return [label, reason];
  });
  await userEvent.keyboard("{Escape}");
  return offers;
}

const sorted = (offers: Offer[]): Offer[] => offers.toSorted(([one], [other]) => one.localeCompare(other));

/** The same everywhere; in the same order, but for the bar, which has its buttons first. */
function expectAlike(places: Record<string, Offer[]>, expected: Offer[]): void {
  for (const [place, offers] of Object.entries(places)) {
    if (place === "bar") expect([place, sorted(offers)]).toEqual([place, sorted(expected)]);
    else expect([place, offers]).toEqual([place, expected]);
  }
}

/** What the list itself has, for whoever is signed in. */
function listed(machines: Agent[], permissions: readonly Permission[], stopped?: string): Offer[] {
  return machineActions(machines, { grants: [grantOf(permissions)], stopped }).map(({ label, disabledReason }) => [
    label,
    disabledReason ?? "",
  ]);
}

async function offeredForOne(name: string, id: string): Promise<Record<string, Offer[]>> {
  openFleet();
  const row = await inMenu(await screen.findByRole("button", { name: `Actions for ${name}` }));
  await userEvent.click(screen.getByRole("checkbox", { name: `Select ${name}` }));
  const selected = await offeredForSelection("1 selected machine", name);
  cleanup();
  openMachine(id);
  const page = await inMenu(await screen.findByRole("button", { name: "Actions" }));
  const palette = await inPalette(name);
  return { row, ...selected, page, palette };
}

async function offeredForSelection(heading: string, palette = heading): Promise<Record<string, Offer[]>> {
  const bar = await screen.findByRole("region", { name: "Selected machines" });
  const buttons = await onButtons(bar);
  const rest = await inMenu(within(bar).getByRole("button", { name: "Actions" }));
  return { bar: [...buttons, ...rest], "palette of the selection": await inPalette(palette) };
}

const PEOPLE: [who: string, permissions: readonly Permission[]][] = [
  ["somebody who may do everything", ALL_PERMISSIONS],
  ["a viewer", ["agents.view", "organisation.view"]],
  ["somebody who runs scripts", ["agents.view", "scripts.run", "organisation.view"]],
];

describe.each(PEOPLE)("to %s", (_who, permissions) => {
  beforeEach(() => signIn([grantOf(permissions)]));

  it.each(["active", "waiting", "quarantined", "left"] as const)(
    "one machine that is %s is offered alike",
    async (state) => {
      const machine = agentOf({ state });
      serve([machine, agentOf({ id: "a2", hostname: "web-2" })]);
      const expected = listed([machine], permissions);
      expectAlike(await offeredForOne("web-1", "a1"), expected);
    },
  );

  it("several machines are offered alike", async () => {
    const machines = [agentOf({}), agentOf({ id: "a2", hostname: "web-2", state: "waiting" })];
    serve(machines);
    openFleet();
    await userEvent.click(await screen.findByRole("checkbox", { name: "Select all loaded rows" }));
    await waitFor(() => expect(queryClient.getQueryData(["custom_field_list", {}])).toBeTruthy());
    const expected = listed(machines, permissions);
    expectAlike(await offeredForSelection("2 selected machines"), expected);
  });
});

it("says everywhere that all commands are stopped", async () => {
  signIn([grantOf(ALL_PERMISSIONS)]);
  serve([agentOf({})], STOPPED);
  queryClient.setQueryData(["organisation_get", {}], STOPPED);
  const expected = listed([agentOf({})], ALL_PERMISSIONS, "Technician Two stopped all commands.");
  expect(expected[0]).toEqual(["Run a command…", "Technician Two stopped all commands."]);
  expectAlike(await offeredForOne("web-1", "a1"), expected);
});
