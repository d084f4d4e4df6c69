import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import { agentOf } from "@/test/agent";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { AddMachineDialog } from "./add-machine-dialog";

afterEach(() => queryClient.clear());

const time = "2026-01-02T03:04:05Z";
const site = { id: "s1", name: "Shop", client_id: "c1", client_name: "Example Florist" };

async function add(...permissions: Permission[]): Promise<Seen[]> {
  signInWith(...permissions);
  let state: "waiting" | "active" = "waiting";
  const seen = fakeServer(({ method, path }) => {
    if (path === "/api/sites") return { body: { items: [site], next: null } };
    if (path === "/api/site-keys" && method === "POST") {
      return {
        status: 201,
        body: { key: "grmm_site_x", site_key: { ...site, site_id: "s1", site_name: "Shop", created_at: time } },
      };
    }
    if (path.endsWith("/approve")) {
      state = "active";
      return { body: agentOf({}) };
    }
    return { body: { items: [agentOf({ state, enrolled_at: time })], next: null } };
  });
  openPage({ path: "/", component: () => <AddMachineDialog siteId={undefined} onClose={() => {}} /> }, "/");
  await userEvent.click(await screen.findByRole("checkbox", { name: /Machines wait until somebody lets them in/ }));
  await userEvent.click(screen.getByRole("button", { name: "Create the install line" }));
  return seen;
}

it("makes a key that needs approval, and lets the machine in when it has come", async () => {
  const seen = await add("site_keys.edit", "agents.approve");
  const status = within(await screen.findByRole("status"));
  expect(await status.findByText("waits for approval")).toBeTruthy();
  expect(seen.find(({ method }) => method === "POST")?.body).toMatchObject({ needs_approval: true });
  await userEvent.click(status.getByRole("button", { name: "Approve web-1" }));
  await waitFor(() => expect(status.queryByText("waits for approval")).toBeNull());
  expect(status.getByText("Offline")).toBeTruthy();
});

it("explains to whoever may not let it in", async () => {
  await add("site_keys.edit", "agents.view");
  const approve = await screen.findByRole("button", { name: "Approve web-1" });
  expect(approve.getAttribute("aria-disabled")).toBe("true");
});
