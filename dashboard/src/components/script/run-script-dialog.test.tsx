import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { agentOf } from "@/test/agent";
import { runOf } from "@/test/command-run";
import { fakeServer } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { scriptOf, scriptVersionOf } from "@/test/script";
import { RunScriptDialog, type RunScriptDialogProps } from "./run-script-dialog";

afterEach(() => queryClient.clear());

const agents = [agentOf({ id: "a1", hostname: "web-1" }), agentOf({ id: "a2", hostname: "web-2" })];

function open(props: Partial<RunScriptDialogProps> = {}, script = scriptOf({ approved_version: 1 })) {
  signInWith("scripts.run");
  const seen = fakeServer(({ method, path, search }) => {
    if (path.endsWith("/preview")) return { body: { count: 40, offline: 3, refused: {}, needs_approval: false } };
    if (method === "POST") return { status: 202, body: runOf({}) };
    if (path === "/api/scripts") return { body: { items: [script], next: null } };
    if (path === "/api/scripts/s1") return { body: script };
    if (path.endsWith("/versions")) {
      return { body: { items: [scriptVersionOf({ number: Number(search.get("number")) })] } };
    }
    return { body: { items: agents, next: null, count: 40 } };
  });
  const onStarted = vi.fn();
  const dialog = <RunScriptDialog onClose={() => {}} onStarted={onStarted} {...props} />;
  openPage({ path: "/", component: () => dialog }, "/");
  return { onStarted, seen, run: () => seen.find(({ path }) => path.endsWith("/run"))?.body };
}

const send = async () => userEvent.click(await screen.findByRole("button", { name: "Run script" }));

it("asks which script and which machines, and runs it there", async () => {
  const { run, onStarted } = open();
  await userEvent.click(await screen.findByRole("combobox", { name: "Script" }));
  await userEvent.click(await screen.findByRole("option", { name: /Disk space/ }));
  await userEvent.click(await screen.findByRole("checkbox", { name: /web-1/ }));
  await userEvent.click(screen.getByRole("checkbox", { name: /web-2/ }));
  await userEvent.click(screen.getByRole("checkbox", { name: /web-1/ }));
  expect(screen.getByText("1 machine: web-2")).toBeTruthy();
  await send();
  await waitFor(() => expect(onStarted).toHaveBeenCalled());
  expect(run()).toMatchObject({ targets: { ids: ["a2"] }, number: 1 });
});

it("runs on all that a search matches, of the system that it is for", async () => {
  const { run, seen } = open({ scriptId: "s1" });
  await userEvent.type(await screen.findByRole("searchbox", { name: "Search machines" }), "web");
  await userEvent.click(await screen.findByRole("checkbox", { name: "All 40 machines that match" }));
  expect(screen.getByText("All 40 machines that match", { selector: "p" })).toBeTruthy();
  await send();
  await waitFor(() => expect(run()).toBeTruthy());
  expect(run()).toMatchObject({ targets: { filter: { search: "web", os: "linux", state: "active" } } });
  const asked = seen.filter(({ path }) => path === "/api/agents").at(-1)?.search;
  expect(Object.fromEntries(asked ?? [])).toMatchObject({ search: "web", os: "linux" });
});

it("runs on the machines that it is given, and asks for none", async () => {
  const { run } = open({ scriptId: "s1", machines: [{ id: "a7", name: "db-7", os: "linux" }] });
  expect(await screen.findByText("On db-7")).toBeTruthy();
  await send();
  await waitFor(() => expect(run()).toMatchObject({ targets: { ids: ["a7"] } }));
  expect(screen.queryByRole("searchbox", { name: "Search machines" })).toBeNull();
});

it("offers the newest version beside the approved one", async () => {
  const machine = { id: "a7", name: "db-7", os: "linux" } as const;
  const script = scriptOf({ approved_version: 2, newest_version: 5 });
  const { seen } = open({ scriptId: "s1", machines: [machine] }, script);
  const version = await screen.findByRole("combobox", { name: "Version" });
  expect(
    within(version)
      .getAllByRole("option")
      .map((one) => one.textContent),
  ).toEqual(["Version 2, approved", "Version 5, the newest, not approved"]);
  await userEvent.selectOptions(version, "5");
  await waitFor(() => expect(seen.at(-1)?.search.get("number")).toBe("5"));
  const button = await screen.findByRole("button", { name: "Run script" });
  expect(button.getAttribute("aria-disabled")).toBe("true");
});
