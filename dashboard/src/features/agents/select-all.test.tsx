import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { dialogStore } from "@/components/actions";
import { agentOf } from "@/test/agent";
import { fakeServer } from "@/test/fake-server";
import { grantOf, signIn, signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { MachinesPage } from "./machines-page";
import { machinesSearch } from "./search";

beforeEach(() => {
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
});
afterEach(() => {
  queryClient.clear();
  dialogStore.set(null);
});

/** The list of machines, of which the first two are loaded. */
function open(address: string, count: number): void {
  fakeServer(({ path, search }) => {
    if (path !== "/api/agents") return { body: { items: [] } };
    // The second page never comes.
    if (search.get("after")) return { status: 500, body: { code: "internal" } };
    return {
      body: {
        items: ["a", "b"].map((id) => agentOf({ id, hostname: `web-${id}` })),
        next: count > 2 ? "2" : null,
        count,
      },
    };
  });
  openPage({ path: "/machines", component: MachinesPage, validateSearch: machinesSearch }, address);
}

const button = (name: string) => screen.getByRole("button", { name });
const selectLoaded = async () =>
  userEvent.click(await screen.findByRole("checkbox", { name: "Select all loaded rows" }));

it("offers everything that matches the filter, and runs a command on that without naming machines", async () => {
  signInWith("agents.view", "commands.run", "agents.edit", "agents.delete");
  open("/machines?status=online&tag=web&sort=cpu&order=desc", 1_204);
  await selectLoaded();
  expect(screen.getByText("2 machines selected")).toBeTruthy();
  await userEvent.click(button("Select all 1,204 that match the filter"));
  expect(screen.getByText("All 1,204 machines that match selected")).toBeTruthy();
  for (const name of ["Move to site…", "Add tags…"]) {
    expect(button(name).getAttribute("aria-disabled")).toBe("true");
  }
  await userEvent.click(button("Actions"));
  const remove = await screen.findByRole("menuitem", {
    name: "Delete…",
    description: /^This is done to chosen rows only/,
  });
  expect(remove.getAttribute("aria-disabled")).toBe("true");
  await userEvent.keyboard("{Escape}");
  await userEvent.click(button("Run a command…"));
  await waitFor(() => expect(dialogStore.get()).not.toBeNull());
  expect(dialogStore.get()).toMatchObject({
    kind: "run_command",
    agents: [{ id: "a" }, { id: "b" }],
    all: { filter: { status: "online", tag: "web" }, count: 1_204 },
  });
  expect(dialogStore.get()).not.toHaveProperty("all.filter.sort");
});

it("means chosen rows again as soon as one is taken away, and when the reader goes back", async () => {
  signInWith("agents.view", "commands.run");
  open("/machines?status=online", 1_204);
  await selectLoaded();
  await userEvent.click(button("Select all 1,204 that match the filter"));
  await userEvent.click(button("Only the loaded rows"));
  expect(screen.getByText("2 machines selected")).toBeTruthy();
  await userEvent.click(button("Select all 1,204 that match the filter"));
  await userEvent.click(screen.getByRole("checkbox", { name: "Select web-a" }));
  expect(screen.getByText("1 machine selected")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /^Select all/ })).toBeNull();
});

it("forgets that everything was meant when the filter is another", async () => {
  signInWith("agents.view", "commands.run");
  open("/machines?status=online", 1_204);
  await selectLoaded();
  await userEvent.click(button("Select all 1,204 that match the filter"));
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Status" }), "Offline");
  await waitFor(() => expect(screen.queryByText(/^All 1,204/)).toBeNull());
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Status" }), "Online");
  await screen.findByRole("link", { name: "web-a" });
  expect(screen.queryByText(/^All 1,204/)).toBeNull();
});

it("offers nothing where all are loaded", async () => {
  signInWith("agents.view", "commands.run");
  open("/machines", 2);
  await selectLoaded();
  expect(screen.queryByRole("button", { name: /^Select all/ })).toBeNull();
});

it("runs nothing where it may be done on none of them", async () => {
  signIn([grantOf(["agents.view"]), grantOf(["commands.run"], { client_id: "other" })]);
  open("/machines", 2);
  await selectLoaded();
  expect(button("Run a command…").getAttribute("aria-disabled")).toBe("true");
});
