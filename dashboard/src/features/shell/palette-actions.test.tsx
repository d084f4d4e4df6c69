import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useEffect } from "react";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { closeEverything, dialogStore, paletteStore } from "@/components/actions";
import { actedOnStore } from "@/components/machine-actions/acted-on";
import { agentOf } from "@/test/agent";
import { fakeServer } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { AppDialogs } from "./app-dialogs";
import { Palette } from "./palette";

afterEach(() => {
  queryClient.clear();
  closeEverything();
  actedOnStore.set(undefined);
});

const MACHINE = agentOf({ id: "a1", hostname: "web-1" });

function Shell() {
  // The page has a button from which the palette is opened.
  useEffect(() => document.getElementById("opener")?.focus(), []);
  return (
    <>
      <button id="opener" type="button">
        Opener
      </button>
      <Palette />
      <AppDialogs />
    </>
  );
}

async function open(): Promise<HTMLElement> {
  fakeServer(({ path }) => {
    if (path.endsWith("/preview")) return { body: { count: 2, offline: 0, refused: {}, needs_approval: false } };
    return { body: { items: path === "/api/agents" ? [MACHINE] : [], next: null } };
  });
  openPage({ path: "/$", component: Shell }, "/commands");
  await waitFor(() => expect(document.activeElement?.id).toBe("opener"));
  await userEvent.keyboard("{Control>}k{/Control}");
  return screen.findByRole("dialog", { name: "Search and commands" });
}

const options = () => screen.getAllByRole("option").map(({ textContent }) => textContent);
const chosen = () => screen.getByRole("option", { selected: true }).textContent;

it("begins with what can be done with what the page is about, and does it", async () => {
  signInWith("agents.edit", "agents.delete");
  actedOnStore.set({ machines: [MACHINE] });
  await open();
  expect(screen.getAllByRole("group")[0]).toBe(screen.getByRole("group", { name: "web-1" }));
  await userEvent.keyboard("tags edit");
  expect(chosen()).toBe("Edit tags and fields…");
  await userEvent.keyboard("{Enter}");
  expect(dialogStore.get()).toMatchObject({ kind: "machine_action", action: "labels", machines: [{ id: "a1" }] });
  expect(paletteStore.get()).toBe(false);
  expect(await screen.findByRole("dialog", { name: "Tags and fields of web-1" })).toBeTruthy();
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(document.activeElement?.id).toBe("opener"));
});

it("begins with what can be done with the selection, and gives back what could not be done", async () => {
  signInWith("commands.run");
  const left: unknown[] = [];
  const machines = [MACHINE, agentOf({ id: "a2" })];
  actedOnStore.set({ machines, onDone: (failed) => left.push(failed) });
  await open();
  expect(screen.getAllByRole("group")[0]).toBe(screen.getByRole("group", { name: "2 selected machines" }));
  await userEvent.keyboard("{Enter}");
  const dialog = dialogStore.get();
  expect(dialog).toMatchObject({ kind: "run_command", agents: [{ id: "a1" }, { id: "a2" }] });
  if (dialog?.kind === "run_command") dialog.onStarted?.();
  expect(left).toEqual([[]]);
});

it("says why something cannot be done, and does not do it", async () => {
  signInWith("agents.view");
  actedOnStore.set({ machines: [MACHINE] });
  const palette = await open();
  await userEvent.keyboard("dele");
  const option = within(palette).getByRole("option", { name: /^Delete….*“Remove machines”/ });
  await userEvent.click(option);
  expect(dialogStore.get()).toBeNull();
  expect((await screen.findAllByText(/lacks the permission “Remove machines”/)).length).toBeGreaterThan(1);
});

it("leads by Tab to what can be done with a machine that was found, and back", async () => {
  signInWith("agents.edit");
  await open();
  await userEvent.keyboard("web");
  await screen.findByRole("option", { name: /^web-1/ });
  expect(screen.getByText("what can be done with it")).toBeTruthy();
  await userEvent.keyboard("{Tab}");
  expect(screen.getByRole("group", { name: "web-1" })).toBeTruthy();
  expect(options().at(-1)).toBe("Open web-1");
  expect(document.activeElement).toBe(screen.getByRole("combobox"));
  await userEvent.keyboard("{Backspace}");
  expect((screen.getByRole("combobox") as HTMLInputElement).value).toBe("web");
  expect(await screen.findByRole("option", { name: /^web-1/ })).toBeTruthy();
  await userEvent.keyboard("{Tab}ren{Enter}");
  expect(dialogStore.get()).toMatchObject({ kind: "machine_action", action: "rename", machines: [{ id: "a1" }] });
});

it("leads there by a tap too; Escape goes one step back, then closes", async () => {
  signInWith("agents.edit");
  await open();
  await userEvent.keyboard("web");
  const option = await screen.findByRole("option", { name: /^web-1/ });
  await userEvent.click(option.querySelector("[data-more]") as Element);
  expect(screen.getByRole("group", { name: "web-1" })).toBeTruthy();
  await userEvent.keyboard("{Escape}");
  expect(await screen.findByRole("option", { name: /^web-1/ })).toBeTruthy();
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await waitFor(() => expect(document.activeElement?.id).toBe("opener"));
});

it("opens the script dialog for the machine", async () => {
  signInWith("scripts.run");
  actedOnStore.set({ machines: [MACHINE] });
  await open();
  await userEvent.keyboard("script{Enter}");
  expect((await screen.findByRole("dialog", { name: "Run a script" })).textContent).toContain("On web-1");
});
