import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { openPage } from "@/test/open-page";
import { MachinePage } from "./machine-page";
import { machineSearch } from "./search";

afterEach(() => queryClient.clear());

const machine = (id: string) => ({
  id,
  hostname: `host-${id}`,
  display_name: `Name of ${id}`,
  status: "online",
  os: "linux",
  os_name: "Debian",
  os_version: "12",
  client_name: "Example",
  site_name: "Office",
  capabilities: [],
});

it("takes no dialog from one machine to another", async () => {
  vi.stubGlobal("BroadcastChannel", class {});
  fakeServer(({ path }) => ({
    body: path.startsWith("/api/agents/") ? machine(path.slice(-1)) : { items: [], permissions: [] },
  }));
  for (const id of ["a", "b"]) queryClient.setQueryData(["agent_get", { path: { id } }], machine(id));
  queryClient.setQueryData(["auth_me", {}], { permissions: ["agents.edit", "agents.delete"] });
  const page = { path: "/machines/$id", component: MachinePage, validateSearch: machineSearch };
  const go = openPage(page, "/machines/a?tab=capabilities");
  await userEvent.click(await screen.findByRole("button", { name: "Rename" }));
  expect(screen.getByDisplayValue("Name of a")).toBeTruthy();
  go("/machines/b?tab=capabilities");
  expect(await screen.findByRole("heading", { name: "Name of b" })).toBeTruthy();
  expect(screen.queryByRole("dialog")).toBeNull();
});
