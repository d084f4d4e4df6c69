import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { builtInRoles } from "@/api/can";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { InviteDialog } from "./invite-dialog";

afterEach(() => queryClient.clear());

const ROLES = Object.entries(builtInRoles).map(([name, role]) => ({
  built_in: name,
  name: role.title,
  description: role.description,
  permissions: role.permissions,
  user_count: 0,
}));

function open(answer: { status: number; body: unknown }) {
  const seen = fakeServer(({ path, method }) => {
    if (path === "/api/roles") return { body: { items: ROLES } };
    return method === "POST" ? answer : { body: { items: [] } };
  });
  openPage({ path: "/users", component: () => <InviteDialog onClose={() => {}} /> }, "/users");
  return seen;
}

it("sends what was chosen and shows the link this once", async () => {
  signInWith(...builtInRoles.administrator.permissions);
  const url = "http://localhost/join#token=grmm_invite_x";
  const invitation = { email: "new@example.com", expires_at: "2030-01-01T00:00:00Z" };
  const seen = open({ status: 201, body: { invitation, url, token: "grmm_invite_x" } });
  await userEvent.click(await screen.findByRole("button", { name: "Create the link" }));
  expect(await screen.findByText("Write the address of whom you invite.")).toBeTruthy();
  expect(screen.getByText("Choose a role for each place.")).toBeTruthy();

  await userEvent.type(screen.getByLabelText("E-mail"), "new@example.com");
  await userEvent.click(screen.getByRole("combobox", { name: "Role" }));
  // what one may not give says why, and is not taken
  const owner = await screen.findByRole("option", { name: /^Owner/ });
  expect(owner.textContent).toContain("Make and unmake owners");
  await userEvent.click(owner);
  await userEvent.click(screen.getByRole("option", { name: /^Technician/ }));
  await userEvent.click(screen.getByRole("button", { name: "Create the link" }));
  const dialog = await screen.findByRole("dialog", { name: "The invitation" });
  expect(within(dialog).getByText(url)).toBeTruthy();
  expect(seen.find(({ method }) => method === "POST")?.body).toMatchObject({
    email: "new@example.com",
    grants: [{ built_in: "technician", client_id: null, site_id: null }],
  });
  // only its buttons close it
  await userEvent.keyboard("{Escape}");
  expect(screen.getByText(url)).toBeTruthy();
});

it("puts a refusal beside the address that it is about", async () => {
  signInWith(...builtInRoles.administrator.permissions);
  open({ status: 409, body: { code: "already_member" } });
  await userEvent.type(await screen.findByLabelText("E-mail"), "new@example.com");
  await userEvent.click(screen.getByRole("combobox", { name: "Role" }));
  await userEvent.click(await screen.findByRole("option", { name: /^Viewer/ }));
  await userEvent.click(screen.getByRole("button", { name: "Create the link" }));
  await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("They are here already"));
});
