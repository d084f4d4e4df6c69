import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { openPage } from "@/test/open-page";
import { JoinPage } from "./join-page";

const assign = vi.fn();

beforeEach(() => {
  vi.stubGlobal("location", { ...window.location, hash: "#token=grmm_invite_x", pathname: "/join", assign });
});
afterEach(() => {
  queryClient.clear();
  assign.mockReset();
});

interface World {
  here?: string;
  has_account?: boolean;
  status?: number;
}

function open({ here: first, has_account = false, status = 200 }: World) {
  let here = first;
  const seen = fakeServer(({ path, method, body }) => {
    if (path === "/api/auth/invitation") {
      if (status !== 200) return { status, body: { code: "invitation_not_found" } };
      return {
        body: {
          organisation_name: "Example Services",
          email: "new@example.com",
          invited_by_name: "Technician One",
          roles: ["Technician"],
          expires_at: "2030-01-01T00:00:00Z",
          has_account,
        },
      };
    }
    if (path === "/api/auth/me") return here ? { body: { user: { email: here } } } : { status: 401, body: {} };
    if (path === "/api/auth/login") here = (body as { email: string }).email;
    if (path === "/api/auth/logout") here = undefined;
    if (path === "/api/auth/accept") return { body: { organisation_id: "org-2" } };
    return { status: method === "POST" ? 200 : 404, body: {} };
  });
  openPage({ path: "/join", component: JoinPage }, "/join");
  return (path: string) => seen.filter((one) => one.path === path).map((one) => one.body);
}

it("makes an account for whoever has none", async () => {
  const sent = open({});
  expect(await screen.findByRole("heading", { name: "Join Example Services" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Create account and join" }));
  expect(await screen.findByText("Write your name.")).toBeTruthy();
  await userEvent.type(screen.getByLabelText("Your name"), "Person Two");
  await userEvent.type(screen.getByLabelText("Password"), "three calm words suffice");
  await userEvent.type(screen.getByLabelText("Repeat password"), "three calm words suffice");
  await userEvent.click(screen.getByRole("button", { name: "Create account and join" }));
  await waitFor(() => expect(assign).toHaveBeenCalledWith("/"));
  expect(sent("/api/auth/register")).toEqual([
    { token: "grmm_invite_x", name: "Person Two", password: "three calm words suffice" },
  ]);
});

it("lets whoever has an account log in with it, then join and enter", async () => {
  const sent = open({ has_account: true });
  expect(((await screen.findByLabelText("E-mail")) as HTMLInputElement).value).toBe("new@example.com");
  await userEvent.type(screen.getByLabelText("Password"), "three calm words suffice");
  await userEvent.click(screen.getByRole("button", { name: "Log in" }));
  await userEvent.click(await screen.findByRole("button", { name: "Join Example Services" }));
  await waitFor(() => expect(assign).toHaveBeenCalledWith("/"));
  expect(sent("/api/auth/accept")).toEqual([{ token: "grmm_invite_x" }]);
  expect(sent("/api/auth/switch")).toEqual([{ organisation_id: "org-2" }]);
});

it("does not join with the account of somebody else", async () => {
  open({ here: "other@example.com" });
  expect(await screen.findByText("other@example.com")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Join Example Services" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Log out and go on" }));
  expect(await screen.findByRole("button", { name: "Create account and join" })).toBeTruthy();
});

it("says that a link does not work, in words for whoever was sent it", async () => {
  open({ status: 404 });
  expect(await screen.findByText("This invitation does not work")).toBeTruthy();
});
