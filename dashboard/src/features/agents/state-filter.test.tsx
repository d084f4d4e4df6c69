import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { MachinesPage } from "./machines-page";
import { machinesSearch } from "./search";

afterEach(() => queryClient.clear());

function open(address: string): Seen[] {
  signInWith("agents.view");
  const seen = fakeServer(({ method }) => ({ body: method === "POST" ? {} : { items: [], next: null } }));
  openPage({ path: "/machines", component: MachinesPage, validateSearch: machinesSearch }, address);
  return seen;
}

const asked = (seen: Seen[]) =>
  seen
    .filter(({ path }) => path === "/api/agents")
    .at(-1)
    ?.search.get("state");

it("shows the machines in one state until the filters are cleared", async () => {
  const seen = open("/machines?state=left");
  const filter = (await screen.findByRole("combobox", { name: "State" })) as HTMLSelectElement;
  const words = [...filter.options].map(({ text }) => text);
  expect(words).toEqual(["Any state", "Active", "Waiting", "Quarantined", "Revoked", "Left"]);
  expect(filter.value).toBe("left");
  await userEvent.selectOptions(filter, "Waiting");
  await waitFor(() => expect(asked(seen)).toBe("waiting"));
  await userEvent.click(await screen.findByRole("button", { name: "Clear filters" }));
  await waitFor(() => expect(asked(seen)).toBeNull());
  expect(filter.value).toBe("");
});

it("takes the state from the address into a view and a file, and no other word", async () => {
  const seen = open("/machines?state=quarantined");
  await waitFor(() => expect(asked(seen)).toBe("quarantined"));
  await userEvent.click(await screen.findByRole("button", { name: "CSV" }));
  await waitFor(() =>
    expect(seen.find(({ path }) => path.endsWith("/export"))?.search.get("state")).toBe("quarantined"),
  );
  await userEvent.click(screen.getByRole("button", { name: "Views" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Save this view…" }));
  await userEvent.type(screen.getByRole("textbox", { name: "Name of the view" }), "Kept away{Enter}");
  await waitFor(() =>
    expect(seen.find(({ method }) => method === "POST")?.body).toMatchObject({ search: { state: "quarantined" } }),
  );
  expect(machinesSearch.parse({ state: "asleep" }).state).toBeUndefined();
});
