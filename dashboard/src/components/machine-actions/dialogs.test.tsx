import { useLocation } from "@tanstack/react-router";
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import type { Agent } from "@/api/types";
import { closeEverything } from "@/components/actions";
import { ALL_PERMISSIONS } from "@/components/can";
import { agentOf } from "@/test/agent";
import { commandOf } from "@/test/command";
import { fakeServer, type Seen } from "@/test/fake-server";
import { WithMachineDialogs } from "@/test/machine-dialogs";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { MachineMenu } from "./machine-menu";

afterEach(() => {
  queryClient.clear();
  closeEverything();
});

/** The address, to read. */
const Where = () => <output>{useLocation().pathname}</output>;

type Answer = Parameters<typeof fakeServer>[0];

function open(agent: Agent, answer: Answer, address = `/machines/${agent.id}`) {
  signInWith(...ALL_PERMISSIONS);
  const onDone = vi.fn();
  const seen = fakeServer(answer);
  const menu = <MachineMenu target={{ machines: [agent], onDone }} />;
  const component = () => (
    <WithMachineDialogs>
      {menu}
      <Where />
    </WithMachineDialogs>
  );
  const go = openPage({ path: "/$", component }, address);
  return { onDone, go, changes: () => seen.filter(({ method }: Seen) => method !== "GET") };
}

async function choose(name: string): Promise<void> {
  await userEvent.click(await screen.findByRole("button", { name: "Actions" }));
  await userEvent.click(await screen.findByRole("menuitem", { name }));
}

it("cancels what waits on a machine, after it was looked up", async () => {
  const commands = ["uptime", "df -h"].map((command, index) =>
    commandOf({ id: `k${index}`, command, status: "queued" }),
  );
  const { changes } = open(agentOf({}), ({ path }) =>
    path === "/api/commands" ? { body: { items: commands, next: null } } : { body: { items: [] } },
  );
  await choose("Cancel what waits…");
  const dialog = within(await screen.findByRole("alertdialog", { name: "Cancel all that waits on web-1?" }));
  await userEvent.click(await dialog.findByRole("button", { name: "Cancel 2 commands" }));
  expect(await screen.findByText("2 commands of web-1 cancelled")).toBeTruthy();
  expect(changes().map(({ path }) => path)).toEqual(["/api/commands/k0/cancel", "/api/commands/k1/cancel"]);
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
});

it("has nothing to cancel where nothing waits", async () => {
  const { changes } = open(agentOf({}), () => ({ body: { items: [], next: null } }));
  await choose("Cancel what waits…");
  expect((await screen.findAllByText("Nothing waits on it.")).length).toBeGreaterThan(0);
  const button = screen.getByRole("button", { name: "Cancel them" });
  expect(button.getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(button);
  expect(changes()).toEqual([]);
});

it("leaves the page of a machine that was rejected, and says who is left", async () => {
  const { onDone, changes } = open(agentOf({ state: "waiting" }), ({ path }) =>
    path.endsWith("/reject") ? { status: 204 } : { body: { items: [] } },
  );
  await choose("Reject…");
  await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Reject" }));
  await waitFor(() => expect(onDone).toHaveBeenCalledExactlyOnceWith([]));
  expect(changes()[0]?.path).toBe("/api/agents/a1/reject");
  expect(await screen.findByText("web-1 sent away")).toBeTruthy();
  expect(screen.getByText("/enrolment")).toBeTruthy();
});

it.each([
  ["leaves the page of a machine that was deleted", "/machines/a1", "/machines"],
  ["stays on another page where one was deleted", "/clients/c1", "/clients/c1"],
])("%s", async (_what, from, to) => {
  const { onDone } = open(
    agentOf({}),
    ({ method }) => (method === "DELETE" ? { status: 204 } : { body: { items: [] } }),
    from,
  );
  await choose("Delete…");
  await userEvent.click(await screen.findByRole("button", { name: "Delete machine" }));
  await waitFor(() => expect(onDone).toHaveBeenCalledExactlyOnceWith([]));
  expect(screen.getByText(to)).toBeTruthy();
});

it("keeps the dialog of a move that fails, and closes it after one that does not", async () => {
  const site = { id: "s2", name: "Depot", client_id: "c1", client_name: "Example Florist" };
  let isRefused = true;
  const { onDone, changes } = open(agentOf({}), ({ method, path }) => {
    if (method === "PATCH") {
      return isRefused
        ? { status: 403, body: { code: "forbidden", status: 403, title: "", detail: "" } }
        : { body: agentOf({ site_name: "Depot" }) };
    }
    return { body: { items: path === "/api/sites" ? [site] : [], next: null } };
  });
  await choose("Move to site…");
  const dialog = within(await screen.findByRole("dialog", { name: "Move to another site" }));
  await userEvent.click(dialog.getByRole("combobox", { name: "Site" }));
  await userEvent.click(await screen.findByRole("option", { name: /Depot/ }));
  await userEvent.click(dialog.getByRole("button", { name: "Move" }));
  await waitFor(() => expect(changes()).toHaveLength(1));
  expect(screen.getByRole("dialog", { name: "Move to another site" })).toBeTruthy();
  expect(onDone).not.toHaveBeenCalled();
  isRefused = false;
  await waitFor(() => expect(dialog.getByRole("button", { name: "Move" }).getAttribute("aria-busy")).toBeNull());
  await userEvent.click(dialog.getByRole("button", { name: "Move" }));
  await waitFor(() => expect(onDone).toHaveBeenCalledExactlyOnceWith([]));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(changes()[1]).toMatchObject({ path: "/api/agents/a1", body: { site_id: "s2" } });
});

it("closes when the page changes under it", async () => {
  const { go } = open(agentOf({}), () => ({ body: { items: [], next: null } }));
  await choose("Rename…");
  await screen.findByRole("dialog", { name: "Rename" });
  go("/machines/a2");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});
