import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { builtInRoles } from "@/api/can";
import { queryClient } from "@/api/client";
import type { Role } from "@/api/types";
import { fakeServer } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { RoleForm } from "./role-form";

afterEach(() => queryClient.clear());

const ROLE: Role = { id: "r1", name: "Night shift", description: "", permissions: ["commands.run"], user_count: 0 };

function open(role?: Role) {
  const seen = fakeServer(({ path }) => (path.startsWith("/api/roles") ? { body: ROLE } : { body: { items: [] } }));
  openPage(
    { path: "/roles/new", component: () => <RoleForm {...(role ? { role } : {})} onSaved={() => {}} /> },
    "/roles/new",
  );
  return seen;
}

const box = (name: RegExp) => screen.findByRole("checkbox", { name });

it("shows what a permission includes as included, and leaves it out of what is named", async () => {
  signInWith(...builtInRoles.administrator.permissions);
  const seen = open();
  await userEvent.type(await screen.findByRole("textbox", { name: "Name" }), "Night shift");
  await userEvent.click(await box(/^Run and cancel commands/));
  const included = await box(/^See machines/);
  expect(included.getAttribute("aria-checked")).toBe("true");
  expect(included.getAttribute("aria-disabled")).toBe("true");
  expect(screen.getAllByText("Included in “Run and cancel commands”.").length).toBe(4);
  await userEvent.click(included);
  expect(included.getAttribute("aria-checked")).toBe("true");
  await userEvent.click(screen.getByRole("button", { name: "Create role" }));
  await waitFor(() => expect(seen.find(({ method }) => method === "POST")).toBeTruthy());
  expect(seen.find(({ method }) => method === "POST")?.body).toEqual({
    name: "Night shift",
    description: "",
    permissions: ["commands.run"],
  });
});

it("wants a name and a permission before it asks the server", async () => {
  signInWith(...builtInRoles.administrator.permissions);
  const seen = open();
  await userEvent.click(await screen.findByRole("button", { name: "Create role" }));
  expect(await screen.findByText("Write the name of the role.")).toBeTruthy();
  expect(await screen.findByText("Choose at least one permission.")).toBeTruthy();
  expect(seen.some(({ method }) => method === "POST")).toBe(false);
});

it("offers nothing that oneself does not hold, and does not change a role that names it", async () => {
  signInWith("roles.edit", "agents.view");
  open();
  const run = await box(/^Run and cancel commands/);
  expect(run.getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(run);
  expect(run.getAttribute("aria-checked")).toBe("false");
});

it("is read only for a role that names what oneself does not hold", async () => {
  signInWith("roles.edit", "agents.view");
  open(ROLE);
  expect(await screen.findByText(/^It includes “See commands/)).toBeTruthy();
  expect(screen.queryByRole("checkbox")).toBeNull();
  expect(screen.getByRole("button", { name: "Save role" }).getAttribute("aria-disabled")).toBe("true");
});
