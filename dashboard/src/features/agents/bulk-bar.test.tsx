import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { grantOf, signIn, signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { BulkBar } from "./bulk-bar";

afterEach(() => queryClient.clear());

it("says before machines are deleted what becomes of their commands and of their measurements", async () => {
  signInWith("agents.delete");
  const agents = ["a", "b"].map((id) => ({ id, name: `web-${id}` }));
  openPage({ path: "/machines", component: () => <BulkBar agents={agents} onSelect={() => {}} /> }, "/machines");
  await userEvent.click(await screen.findByRole("button", { name: "Delete…" }));
  const text = screen.getByRole("alertdialog").textContent;
  expect(text).toContain("their commands are deleted");
  expect(text).toContain("Their measurements can no longer be read and leave the database when their retention ends.");
});

it("asks what may be done at the place of each machine, and says on how many it may not", async () => {
  signIn([grantOf(["agents.delete"], { client_id: "acme" }), grantOf(["commands.run"])]);
  const agents = ["acme", "other", "acme"].map((clientId, index) => ({
    id: `${index}`,
    name: `web-${index}`,
    place: { clientId, siteId: `${clientId}-office` },
  }));
  openPage({ path: "/machines", component: () => <BulkBar agents={agents} onSelect={() => {}} /> }, "/machines");
  const remove = await screen.findByRole("button", { name: "Delete…" });
  expect(remove.getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(remove);
  expect(await screen.findAllByText(/“Remove machines” on 1 of these 3 machines/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Run a command…" }).getAttribute("aria-disabled")).not.toBe("true");
  expect(screen.getByRole("button", { name: "Move to site…" }).getAttribute("aria-disabled")).toBe("true");
});
