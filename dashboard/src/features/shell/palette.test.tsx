import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { closeEverything, paletteStore } from "@/components/actions";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { Palette } from "./palette";

afterEach(() => {
  closeEverything();
  queryClient.clear();
});

const LISTS: Record<string, unknown[]> = {
  "/api/clients": [{ id: "c1", name: "Example Florist" }],
  "/api/sites": [{ id: "s1", name: "Flower shop", client_id: "c1", client_name: "Example Florist" }],
};

async function search(text: string): Promise<Seen[]> {
  const seen = fakeServer(({ path }) => ({ body: { items: LISTS[path] ?? [], next: null } }));
  openPage({ path: "/machines", component: Palette }, "/machines");
  paletteStore.set(true);
  await userEvent.type(await screen.findByRole("combobox"), text);
  return seen;
}

it("finds clients and sites by their names", async () => {
  signInWith("agents.view");
  const seen = await search("flor");
  expect(await screen.findByRole("option", { name: "Example Florist" })).toBeTruthy();
  expect(screen.getByRole("option", { name: "Flower shop Example Florist" })).toBeTruthy();
  expect(seen.find(({ path }) => path === "/api/clients")?.search.get("search")).toBe("flor");
});

it("asks for nothing that may not be seen", async () => {
  signInWith("organisation.view");
  const seen = await search("nothing has this name");
  await waitFor(() => expect(screen.getByText("Nothing has this name.")).toBeTruthy());
  expect(seen.filter(({ path }) => path !== "/api/auth/me")).toEqual([]);
});

it("leads to the schedules and to a new one", async () => {
  signInWith("schedules.edit");
  await search("schedule");
  expect((await screen.findAllByRole("option")).map(({ textContent }) => textContent)).toEqual([
    "Schedules",
    "New schedule",
  ]);
});
