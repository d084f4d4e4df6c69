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

function open(): Seen[] {
  const seen = fakeServer(({ path }) => ({
    body: path === "/api/site-keys" ? { items: [{ id: "k1", name: "Roll-out" }] } : { items: [], next: null },
  }));
  openPage({ path: "/machines", component: MachinesPage, validateSearch: machinesSearch }, "/machines?site_key_id=k1");
  return seen;
}

const asked = (seen: Seen[]) =>
  seen
    .filter(({ path }) => path === "/api/agents")
    .at(-1)
    ?.search.get("site_key_id");

it("shows what enrolled with a key, names it, and is taken away again", async () => {
  signInWith("agents.view", "site_keys.view");
  const seen = open();
  const chip = await screen.findByRole("button", { name: "Remove the filter: Enrolled with Roll-out" });
  expect(asked(seen)).toBe("k1");
  expect(await screen.findByText("Nothing matches")).toBeTruthy();
  await userEvent.click(chip);
  await waitFor(() => expect(asked(seen)).toBeNull());
  expect(screen.queryByRole("button", { name: /Remove the filter/ })).toBeNull();
});

it("does without the name for whoever may not see keys", async () => {
  signInWith("agents.view");
  const seen = open();
  await screen.findByRole("button", { name: "Remove the filter: Enrolled with one site key" });
  expect(seen.some(({ path }) => path === "/api/site-keys")).toBe(false);
});
