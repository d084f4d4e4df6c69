import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import type { Agent, Finding } from "@/api/types";
import { closeEverything } from "@/components/actions";
import { agentOf, findingOf } from "@/test/agent";
import { fakeServer, type Seen } from "@/test/fake-server";
import { WithMachineDialogs } from "@/test/machine-dialogs";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { MachinePage } from "./machine-page";
import { machineSearch } from "./search";

afterEach(() => {
  queryClient.clear();
  closeEverything();
});

const Page = () => (
  <WithMachineDialogs>
    <MachinePage />
  </WithMachineDialogs>
);

interface Opened {
  agent?: Partial<Agent>;
  findings?: Finding[];
  permissions?: Permission[];
  tab?: string;
}

function open({ agent = {}, findings = [], permissions = ["agents.approve"], tab = "capabilities" }: Opened): Seen[] {
  vi.stubGlobal("BroadcastChannel", class {});
  signInWith(...permissions);
  const seen = fakeServer(({ method, path }) => {
    if (method === "DELETE" || path.endsWith("/reject")) return { status: 204 };
    if (path === "/api/findings") return { body: { items: findings } };
    if (path.startsWith("/api/agents/")) return { body: agentOf(agent) };
    return { body: { items: [], next: null, permissions: [] } };
  });
  const page = { path: "/machines/$id", component: Page, validateSearch: machineSearch };
  openPage(page, `/machines/a1?tab=${tab}`);
  return seen;
}

const changes = (seen: Seen[]) => seen.filter(({ method }) => method !== "GET");
const actions = async () => userEvent.click(await screen.findByRole("button", { name: "Actions" }));

it("says nothing of a machine that works and has no findings", async () => {
  open({ agent: { status: "online" } });
  expect(await screen.findByText("Online")).toBeTruthy();
  expect(screen.queryByRole("region", { name: "State" })).toBeNull();
});

it("says that a machine waits, and lets it in", async () => {
  const seen = open({ agent: { state: "waiting" } });
  const banner = within(await screen.findByRole("region", { name: "State" }));
  expect(banner.getByText(/It waits to be let in/)).toBeTruthy();
  expect(screen.getByText("Waiting")).toBeTruthy();
  await userEvent.click(banner.getByRole("button", { name: "Approve" }));
  await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Approve" }));
  await waitFor(() => expect(changes(seen)[0]?.path).toBe("/api/agents/a1/approve"));
});

it("tells why and since when it is quarantined, and explains to whoever may not release it", async () => {
  open({
    agent: { state: "quarantined", state_reason: "Behaves oddly", state_changed_at: "2026-01-02T03:04:05Z" },
    permissions: ["agents.view"],
  });
  const banner = within(await screen.findByRole("region", { name: "State" }));
  expect(banner.getByText("Reason: Behaves oddly")).toBeTruthy();
  expect(banner.getByRole("button", { name: "Release" }).getAttribute("aria-disabled")).toBe("true");
});

it("quarantines with a reason", async () => {
  const seen = open({});
  await actions();
  await userEvent.click(await screen.findByRole("menuitem", { name: "Quarantine…" }));
  const dialog = within(screen.getByRole("dialog", { name: "Quarantine web-1?" }));
  await userEvent.type(dialog.getByLabelText("Reason"), " Odd ");
  await userEvent.click(dialog.getByRole("button", { name: "Quarantine" }));
  expect(await screen.findByText("web-1 quarantined")).toBeTruthy();
  expect(changes(seen)[0]).toMatchObject({ path: "/api/agents/a1/quarantine", body: { reason: "Odd" } });
});

it("gives another key, once at a time", async () => {
  const seen = open({});
  await actions();
  await userEvent.click(await screen.findByRole("menuitem", { name: "Give another key…" }));
  const dialog = within(screen.getByRole("dialog", { name: "Give web-1 another key?" }));
  await userEvent.click(dialog.getByRole("button", { name: "Give another key" }));
  await waitFor(() => expect(changes(seen)[0]?.path).toBe("/api/agents/a1/rotate-key"));
});

it("says that another key waits for the machine", async () => {
  open({ agent: { rotate_requested_at: "2026-01-02T03:04:05Z" } });
  await actions();
  const item = await screen.findByRole("menuitem", {
    name: "Give another key…",
    description: "Another key waits for the machine already.",
  });
  expect(item.getAttribute("aria-disabled")).toBe("true");
});

it("revokes a key, and not twice", async () => {
  const seen = open({});
  await actions();
  await userEvent.click(await screen.findByRole("menuitem", { name: "Revoke key…" }));
  const dialog = within(screen.getByRole("dialog", { name: "Revoke the key of web-1?" }));
  expect(dialog.getByText(/good no more, for ever/)).toBeTruthy();
  await userEvent.click(dialog.getByRole("button", { name: "Revoke key" }));
  await waitFor(() =>
    expect(changes(seen)[0]).toMatchObject({ path: "/api/agents/a1/revoke-key", body: { reason: null } }),
  );
});

it("shows what was found, and dismisses it", async () => {
  const seen = open({ findings: [findingOf({ other_agent_id: "a9", other_agent_name: "twin" })] });
  const note = within(await screen.findByRole("region", { name: "Same name" }));
  expect(note.getByRole("link", { name: "twin" })).toBeTruthy();
  await userEvent.click(note.getByRole("button", { name: "Dismiss" }));
  await waitFor(() => expect(changes(seen)[0]).toMatchObject({ method: "DELETE", path: "/api/findings/f1" }));
});

it("runs no command on a machine that is not active, and says why", async () => {
  open({ agent: { state: "quarantined" }, permissions: ["commands.run"], tab: "commands" });
  expect(await screen.findByText(/nothing is run on it before somebody releases it/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Run command" }).getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByRole("textbox", { name: "Command" }).hasAttribute("disabled")).toBe(true);
});

it("names the hardware and the age of the key", async () => {
  open({ agent: { serial: "SN-1", manufacturer: "Example", model: "One" }, tab: "overview" });
  expect(await screen.findByText("SN-1")).toBeTruthy();
  expect(screen.getByText("Example One")).toBeTruthy();
  expect(screen.getByText("Agent key").nextElementSibling?.textContent).toBe("since 2026-01-02");
});
