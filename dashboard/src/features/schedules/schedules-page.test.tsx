import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import type { Schedule, StoredGrant } from "@/api/types";
import { fakeServer, type Seen } from "@/test/fake-server";
import { grantOf, signIn } from "@/test/me";
import { openPage } from "@/test/open-page";
import { scheduleOf } from "@/test/schedule";
import { SchedulesPage } from "./schedules-page";
import { schedulesSearch } from "./search";

beforeEach(() => {
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
});
afterEach(() => queryClient.clear());

const ALL = [
  scheduleOf({
    id: "h1",
    name: "Nightly",
    script_approved_version: 3,
    last_outcome: "refused",
    last_reason: "All commands are stopped.",
    last_due_at: "2026-01-02T02:00:00Z",
  }),
  scheduleOf({
    id: "h2",
    name: "Welcome",
    client_id: "c1",
    client_name: "Example Florist",
    site_id: "p1",
    site_name: "Shop",
    trigger: { kind: "enrolment" },
    sentence: "When a machine enrols",
    status: "paused",
    next_at: null,
    script_approved_version: null,
  }),
];

interface Opened {
  items?: Schedule[];
  grants?: StoredGrant[];
  address?: string;
  answer?: (seen: Seen) => { status?: number; body?: unknown } | undefined;
}

function open({ items = ALL, grants, address = "/schedules", answer }: Opened = {}) {
  signIn(grants ?? [grantOf(["schedules.edit"])]);
  const seen = fakeServer(
    (asked) => answer?.(asked) ?? { body: asked.method === "GET" ? { items, next: null } : items[0] },
  );
  openPage({ path: "/schedules", component: SchedulesPage, validateSearch: schedulesSearch }, address);
  return {
    lists: () => seen.filter(({ path, method }) => path === "/api/schedules" && method === "GET"),
    changes: () => seen.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`),
  };
}

const row = (name: RegExp) => screen.findByRole("row", { name });
const act = async (schedule: string, name: string | RegExp) => {
  await userEvent.click(await screen.findByRole("button", { name: `Actions for ${schedule}` }));
  return screen.findByRole("menuitem", { name });
};

it("says of each what runs when and where, and how it went", async () => {
  open();
  const nightly = within(await row(/Nightly/));
  expect(nightly.getByRole("link", { name: "Nightly" }).getAttribute("href")).toBe("/schedules/h1");
  expect(nightly.getByText("At 03:00 every day")).toBeTruthy();
  expect(nightly.getByText("The whole organisation")).toBeTruthy();
  expect(nightly.getByTitle("Disk space (version 2)")).toBeTruthy();
  expect(nightly.getByText("Newer version approved")).toBeTruthy();
  expect(nightly.getByText("site's clock")).toBeTruthy();
  expect(nightly.getByText("Refused").closest("[title]")?.getAttribute("title")).toBe("All commands are stopped.");
  expect(nightly.getByText("Active")).toBeTruthy();
  const welcome = within(await row(/Welcome/));
  expect(welcome.getByText("Example Florist › Shop")).toBeTruthy();
  expect(welcome.getByText("No version approved")).toBeTruthy();
  expect(welcome.getByText("not yet")).toBeTruthy();
  expect(welcome.getByText("Paused")).toBeTruthy();
  expect(screen.getByText("2 schedules")).toBeTruthy();
});

it("says of what no clock sets off when it comes next", async () => {
  const comes = { trigger: { kind: "first_contact" as const, not_before: "07:00" }, next_at: null };
  open({
    items: [
      scheduleOf({ name: "Morning", ...comes }),
      scheduleOf({ id: "h2", name: "Off", status: "paused", ...comes }),
    ],
  });
  expect(within(await row(/Morning/)).getByText("When machines come")).toBeTruthy();
  expect(within(await row(/Off/)).queryByText("When machines come")).toBeNull();
});

it("searches and narrows on the server", async () => {
  const { lists } = open({ items: [], address: "/schedules?search=night" });
  expect(await screen.findByText("Nothing matches")).toBeTruthy();
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Status" }), "Suspended");
  await waitFor(() => expect(lists().at(-1)?.search.get("status")).toBe("suspended"));
  expect(lists().at(-1)?.search.get("search")).toBe("night");
  await userEvent.click(screen.getByRole("button", { name: "Remove the filters" }));
  expect(await screen.findByText("No schedule yet")).toBeTruthy();
  expect(screen.getAllByRole("link", { name: "New schedule" })).toHaveLength(2);
});

it("narrows to a client or a site, which is in the address, and says what else works there", async () => {
  const place = ({ path }: Seen) => {
    if (path === "/api/clients") return { body: { items: [{ id: "c1", name: "Example Florist" }], next: null } };
    if (path === "/api/clients/c1") return { body: { id: "c1", name: "Example Florist" } };
    const site = { id: "p1", name: "Shop", client_id: "c1", client_name: "Example Florist" };
    if (path === "/api/sites") return { body: { items: [site], next: null } };
    return path === "/api/sites/p1" ? { body: site } : undefined;
  };
  const { lists } = open({
    address: "/schedules?client_id=c1",
    grants: [grantOf(["schedules.edit", "clients.view", "sites.view"])],
    answer: place,
  });
  const asked = () => Object.fromEntries(lists().at(-1)?.search ?? []);
  const picker = await screen.findByRole("combobox", { name: "Place" });
  await waitFor(() => expect(picker.textContent).toBe("Example Florist"));
  expect(asked()).toEqual({ client_id: "c1", limit: "100" });
  expect(screen.getByText(/^Those of the whole organisation reach this place as well/)).toBeTruthy();
  await userEvent.click(picker);
  await userEvent.click(await screen.findByRole("option", { name: /Shop/ }));
  await waitFor(() => expect(asked()).toEqual({ site_id: "p1", limit: "100" }));
  expect(screen.getByText(/^Those of its client and of the whole organisation reach this place/)).toBeTruthy();
  await userEvent.click(screen.getByRole("combobox", { name: "Place" }));
  await userEvent.click(await screen.findByRole("option", { name: "Any place" }));
  await waitFor(() => expect(screen.queryByText(/reach this place/)).toBeNull());
  expect(screen.getByRole("combobox", { name: "Place" }).textContent).toBe("Any place");
});

it("takes the place away with the other filters", async () => {
  const { lists } = open({ items: [], address: "/schedules?site_id=p1" });
  await userEvent.click(await screen.findByRole("button", { name: "Remove the filters" }));
  await waitFor(() => expect(lists().at(-1)?.search.has("site_id")).toBe(false));
  expect(await screen.findByText("No schedule yet")).toBeTruthy();
});

it("pauses, resumes and deletes by the menu of a row", async () => {
  const { changes } = open();
  await userEvent.click(await act("Nightly", "Pause"));
  expect(await screen.findByText("Nightly paused")).toBeTruthy();
  await userEvent.click(await act("Welcome", "Resume"));
  await userEvent.click(await act("Welcome", "Delete…"));
  const dialog = within(await screen.findByRole("alertdialog", { name: "Delete Welcome?" }));
  await userEvent.click(dialog.getByRole("button", { name: "Delete schedule" }));
  await waitFor(() =>
    expect(changes()).toEqual([
      "POST /api/schedules/h1/pause",
      "POST /api/schedules/h2/resume",
      "DELETE /api/schedules/h2",
    ]),
  );
});

it("says why nothing can be changed where one may not", async () => {
  open({ grants: [grantOf(["schedules.view"]), grantOf(["schedules.edit"], { client_id: "c1" })] });
  const pause = await act("Nightly", /^Pause/);
  expect(pause.getAttribute("aria-disabled")).toBe("true");
  expect(pause.textContent).toContain("Make, change, pause and delete schedules");
  expect(screen.getByRole("menuitem", { name: "Open" }).getAttribute("aria-disabled")).toBeNull();
  await userEvent.keyboard("{Escape}");
  expect((await act("Welcome", "Resume")).getAttribute("aria-disabled")).toBeNull();
});

it("offers nothing new to who may only look", async () => {
  open({ items: [], grants: [grantOf(["schedules.view"])] });
  await screen.findByText("No schedule yet");
  for (const button of screen.getAllByRole("button", { name: "New schedule" })) {
    expect(button.getAttribute("aria-disabled")).toBe("true");
  }
});

it("says what went wrong, with a way on", async () => {
  let isBroken = true;
  open({ answer: () => (isBroken ? { status: 500, body: { code: "internal", detail: "" } } : undefined) });
  const retry = await screen.findByRole("button", { name: "Try again" });
  isBroken = false;
  await userEvent.click(retry);
  expect(await row(/Nightly/)).toBeTruthy();
});

it("is a list of two lines on a phone", async () => {
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener() {}, removeEventListener() {} }));
  open();
  const link = await screen.findByRole("link", { name: "Welcome" });
  const item = link.closest("[data-row]") as HTMLElement;
  expect(item.textContent).toContain("No version approved · When a machine enrols · Example Florist › Shop");
  fireEvent.contextMenu(item);
  expect(await screen.findByRole("menuitem", { name: "Resume" })).toBeTruthy();
});
