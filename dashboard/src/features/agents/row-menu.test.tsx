import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import { closeEverything, dialogStore } from "@/components/actions";
import { agentOf } from "@/test/agent";
import { fakeServer, type Seen } from "@/test/fake-server";
import { WithMachineDialogs } from "@/test/machine-dialogs";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { MachinesPage } from "./machines-page";
import { machinesSearch } from "./search";

beforeEach(() => {
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
});
afterEach(() => {
  queryClient.clear();
  closeEverything();
});

const MACHINES = ["a", "b"].map((id) => agentOf({ id, hostname: `web-${id}` }));

const Page = () => (
  <WithMachineDialogs>
    <MachinesPage />
  </WithMachineDialogs>
);

async function open(...permissions: Permission[]): Promise<Seen[]> {
  signInWith(...permissions);
  const seen = fakeServer(({ method, path }) => {
    if (method === "DELETE") return { status: 204 };
    return { body: path === "/api/agents" ? { items: MACHINES, next: null, count: 2 } : { items: [] } };
  });
  openPage({ path: "/machines", component: Page, validateSearch: machinesSearch }, "/machines");
  await screen.findByRole("link", { name: "web-a" });
  return seen;
}

const button = (name: string) => screen.getByRole("button", { name });
const focused = () => document.activeElement;

it("opens by keyboard, moves in it, and gives the focus back", async () => {
  await open("agents.edit");
  button("Actions for web-b").focus();
  await userEvent.keyboard("{ArrowDown}");
  const menu = await screen.findByRole("menu", { name: "Actions for web-b" });
  const opener = document.getElementById(menu.getAttribute("aria-labelledby") ?? "");
  expect(opener?.getAttribute("aria-expanded")).toBe("true");
  await waitFor(() => expect(focused()?.textContent).toContain("Run a command…"));
  // what cannot be done is reached too, and says why
  expect(focused()?.getAttribute("aria-disabled")).toBe("true");
  expect(within(menu).getByRole("menuitem", { name: "Run a command…", description: /lacks the permission/ })).toBe(
    focused(),
  );
  await userEvent.keyboard("{Enter}");
  expect(dialogStore.get()).toBeNull();
  await userEvent.keyboard("{End}");
  expect(focused()?.textContent).toContain("Delete…");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(focused()).toBe(button("Actions for web-b")));
  expect(screen.queryByRole("menu")).toBeNull();
});

it("opens a dialog by keyboard, which gives the focus back to the row", async () => {
  await open("agents.edit");
  button("Actions for web-a").focus();
  await userEvent.keyboard("{Enter}");
  const item = await screen.findByRole("menuitem", { name: "Rename…" });
  item.focus();
  await userEvent.keyboard("{Enter}");
  await screen.findByRole("dialog", { name: "Rename" });
  await waitFor(() => expect(focused()).toBe(screen.getByRole("textbox", { name: "Display name" })));
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(focused()).toBe(button("Actions for web-a")));
});

it("is the same on a right click, anywhere in the row", async () => {
  await open("agents.edit", "agents.delete");
  await userEvent.click(button("Actions for web-a"));
  const labels = () => screen.getAllByRole("menuitem").map(({ textContent }) => textContent);
  const byButton = await screen.findByRole("menu").then(labels);
  await userEvent.keyboard("{Escape}");
  const row = screen.getByRole("row", { name: /web-a/ });
  const isLeft = fireEvent.contextMenu(within(row).getByText("Shop"), { clientX: 300, clientY: 200 });
  expect(isLeft).toBe(false);
  await screen.findByRole("menu", { name: "Actions for web-a" });
  expect(labels()).toEqual(byButton);
});

it("deletes the machine of the row, and stays on the list", async () => {
  const seen = await open("agents.view", "agents.delete");
  await userEvent.click(button("Actions for web-b"));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Delete…" }));
  const confirm = within(await screen.findByRole("alertdialog", { name: "Delete web-b?" }));
  await userEvent.click(confirm.getByRole("button", { name: "Delete machine" }));
  await waitFor(() => expect(seen.find(({ method }) => method === "DELETE")?.path).toBe("/api/agents/b"));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect(screen.getByRole("heading", { name: "Machines" })).toBeTruthy();
});

it("has a button of its own in the rows of a narrow screen too", async () => {
  vi.spyOn(window, "matchMedia").mockImplementation(
    (media) => Object.assign(new EventTarget(), { media, matches: true }) as unknown as MediaQueryList,
  );
  await open("agents.edit");
  const row = within(screen.getAllByRole("listitem")[1] as HTMLElement);
  await userEvent.click(row.getByRole("button", { name: "Actions for web-b" }));
  expect(await screen.findByRole("menu", { name: "Actions for web-b" })).toBeTruthy();
  await userEvent.keyboard("{Escape}");
  fireEvent.contextMenu(row.getByRole("link"), { clientX: 30, clientY: 200 });
  expect(await screen.findByRole("menu", { name: "Actions for web-b" })).toBeTruthy();
});

it("closes when the row is gone", async () => {
  await open("agents.edit");
  await userEvent.click(button("Actions for web-b"));
  await screen.findByRole("menu");
  const [only] = MACHINES;
  const pages = { pages: [{ items: [only], next: null, count: 1 }], pageParams: [null] };
  queryClient.setQueriesData({ queryKey: ["agent_list"] }, pages);
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
  expect(screen.getByRole("link", { name: "web-a" })).toBeTruthy();
});
