import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { closeEverything } from "@/components/actions";
import { fakeServer } from "@/test/fake-server";
import { WithMachineDialogs } from "@/test/machine-dialogs";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { MachinePage } from "./machine-page";
import { machineSearch } from "./search";

afterEach(() => {
  queryClient.clear();
  closeEverything();
});

const Page = () => (
  <WithMachineDialogs>
    <MachinePage />
  </WithMachineDialogs>
);

async function choose(name: string): Promise<void> {
  await userEvent.click(await screen.findByRole("button", { name: "Actions" }));
  await userEvent.click(await screen.findByRole("menuitem", { name }));
}

const machine = (id: string) => ({
  id,
  hostname: `host-${id}`,
  display_name: `Name of ${id}`,
  status: "online",
  os: "linux",
  os_name: "Debian",
  os_version: "12",
  client_id: "c1",
  client_name: "Example",
  site_id: "s1",
  site_name: "Office",
  capabilities: [],
  tags: [],
  custom_fields: {},
});

function openMachine(): (to: string) => void {
  vi.stubGlobal("BroadcastChannel", class {});
  fakeServer(({ path }) => ({
    body: path.startsWith("/api/agents/") ? machine(path.slice(-1)) : { items: [], permissions: [] },
  }));
  for (const id of ["a", "b"]) queryClient.setQueryData(["agent_get", { path: { id } }], machine(id));
  signInWith("agents.edit", "agents.delete");
  const page = { path: "/machines/$id", component: Page, validateSearch: machineSearch };
  return openPage(page, "/machines/a?tab=capabilities");
}

it("takes no dialog from one machine to another", async () => {
  const go = openMachine();
  await choose("Rename…");
  expect(screen.getByDisplayValue("Name of a")).toBeTruthy();
  go("/machines/b?tab=capabilities");
  expect(await screen.findByRole("heading", { name: "Name of b" })).toBeTruthy();
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

it("says before a machine is deleted what becomes of its commands and of its measurements", async () => {
  openMachine();
  await choose("Delete…");
  const text = screen.getByRole("alertdialog").textContent;
  expect(text).toContain("its commands are deleted");
  expect(text).toContain("Its measurements can no longer be read and leave the database when their retention ends.");
});

it("leads to the client and the site of the machine, and shows no tab that may not be seen", async () => {
  const go = openMachine();
  const link = await screen.findByRole("link", { name: "Example" });
  expect(link.getAttribute("href")).toBe("/clients/c1");
  expect(screen.getByRole("link", { name: "Office" }).getAttribute("href")).toBe("/sites/s1");
  go("/machines/a?tab=audit");
  expect((await screen.findByRole("tab", { selected: true })).textContent).not.toBe("Audit");
  await waitFor(() => expect(screen.getByRole("tab", { selected: true }).textContent).toBe("Overview"));
});
