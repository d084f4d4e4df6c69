import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { openPage } from "@/test/open-page";
import { scopeSearch } from "./scope";
import { ScopeGate } from "./scope-gate";

afterEach(() => queryClient.clear());

const page = {
  path: "/machines",
  component: () => (
    <ScopeGate>
      <p>the page</p>
    </ScopeGate>
  ),
  validateSearch: scopeSearch,
};

it("says that a site is gone instead of showing an empty page of it, and leads to all", async () => {
  fakeServer(() => ({ status: 404, body: { code: "site_not_found" } }));
  openPage(page, "/machines?site_id=s1");
  expect(await screen.findByText("This site is not here any more")).toBeTruthy();
  expect(screen.queryByText("the page")).toBeNull();
  await userEvent.click(screen.getByRole("link", { name: "Show all clients" }));
  expect(await screen.findByText("the page")).toBeTruthy();
});

it("lets a page tell of any other failure itself", async () => {
  fakeServer(() => ({ status: 403, body: { code: "forbidden" } }));
  openPage(page, "/machines?client_id=c1");
  expect(await screen.findByText("the page")).toBeTruthy();
});
