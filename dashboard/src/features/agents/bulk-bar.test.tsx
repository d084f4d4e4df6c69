import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import type { Agent } from "@/api/types";
import { closeEverything, dialogStore } from "@/components/actions";
import { agentOf } from "@/test/agent";
import { fakeServer } from "@/test/fake-server";
import { WithMachineDialogs } from "@/test/machine-dialogs";
import { grantOf, signIn, signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { BulkBar } from "./bulk-bar";

afterEach(() => {
  queryClient.clear();
  closeEverything();
});

type Left = (machines: { id: string }[]) => void;
const two = () => ["a", "b"].map((id) => agentOf({ id, hostname: `web-${id}` }));

/** The bar of these machines, as their table shows it. */
function openBar(machines: Agent[], onSelect: Left = () => {}): void {
  const target = { machines, onDone: onSelect };
  const bar = <BulkBar target={target} onSelect={onSelect} />;
  openPage({ path: "/machines", component: () => <WithMachineDialogs>{bar}</WithMachineDialogs> }, "/machines");
}

/** Chooses of what has no button of its own. */
async function choose(name: string): Promise<void> {
  await userEvent.click(await screen.findByRole("button", { name: "Actions" }));
  await userEvent.click(await screen.findByRole("menuitem", { name }));
}

it("says before machines are deleted what becomes of their commands and of their measurements", async () => {
  signInWith("agents.delete");
  fakeServer(() => ({ body: { items: [] } }));
  openBar(two());
  await choose("Delete…");
  const text = screen.getByRole("alertdialog").textContent;
  expect(text).toContain("their commands are deleted");
  expect(text).toContain("Their measurements can no longer be read and leave the database when their retention ends.");
});

it("asks what may be done at the place of each machine, and says on how many it may not", async () => {
  signIn([grantOf(["agents.delete"], { client_id: "acme" }), grantOf(["commands.run"])]);
  fakeServer(() => ({ body: { items: [] } }));
  openBar(
    ["acme", "other", "acme"].map((client, index) =>
      agentOf({ id: `${index}`, client_id: client, site_id: `${client}-office` }),
    ),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Actions" }));
  const remove = await screen.findByRole("menuitem", {
    name: "Delete…",
    description: /“Remove machines” on 1 of these 3 machines/,
  });
  expect(remove.getAttribute("aria-disabled")).toBe("true");
  await userEvent.keyboard("{Escape}");
  expect(screen.getByRole("button", { name: "Run a command…" }).getAttribute("aria-disabled")).not.toBe("true");
  expect(screen.getByRole("button", { name: "Move to site…" }).getAttribute("aria-disabled")).toBe("true");
});

it("tags all at once, and leaves selected what was refused, with the reason", async () => {
  signInWith("agents.edit");
  const seen = fakeServer(({ path }) =>
    path === "/api/agents/bulk"
      ? {
          body: {
            done: ["a"],
            refused: [{ id: "b", code: "tag_limit_reached", detail: "A machine has at most 20 tags." }],
          },
        }
      : { body: { items: [] } },
  );
  const onSelect = vi.fn();
  openBar(two(), onSelect);
  await userEvent.click(await screen.findByRole("button", { name: "Add tags…" }));
  await userEvent.type(await screen.findByRole("combobox", { name: "Tags" }), "new{Enter}tier 1");
  await userEvent.click(screen.getByRole("button", { name: "Add tags" }));
  await waitFor(() => expect(onSelect).toHaveBeenCalledExactlyOnceWith([expect.objectContaining({ id: "b" })]));
  const body = { ids: ["a", "b"], action: { kind: "add_tags", tags: ["new", "tier 1"] } };
  expect(seen.find(({ method }) => method === "POST")?.body).toEqual(body);
  expect(await screen.findByText("1 machine not tagged")).toBeTruthy();
  expect(screen.getByText("web-b. A machine has at most 20 tags.")).toBeTruthy();
});

const FIELDS = [
  { id: "rack", name: "Rack", kind: "text", choices: [] },
  { id: "level", name: "Support level", kind: "choice", choices: ["Gold", "Silver"] },
];

function openFields(answer: { status?: number; body?: unknown }) {
  signInWith("agents.edit");
  const seen = fakeServer(({ path }) => (path === "/api/agents/bulk" ? answer : { body: { items: FIELDS } }));
  const onSelect = vi.fn();
  openBar(two(), onSelect);
  return { seen, onSelect, sent: () => seen.filter(({ method }) => method === "POST").map(({ body }) => body) };
}

const openFieldDialog = async (field: string) => {
  await waitFor(() => expect(queryClient.getQueryData(["custom_field_list", {}])).toBeTruthy());
  await choose("Set field…");
  await userEvent.selectOptions(await screen.findByRole("combobox", { name: "Field" }), field);
};

it("sets a field of all at once to a value that fits it, or clears it", async () => {
  const { sent, onSelect } = openFields({ body: { done: ["a", "b"], refused: [] } });
  await openFieldDialog("Support level");
  const submit = () => screen.getByRole("button", { name: "Set the value" });
  expect(submit().getAttribute("aria-disabled")).toBe("true");
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Support level" }), "Silver");
  await userEvent.click(submit());
  expect(await screen.findByText("2 machines set to Silver")).toBeTruthy();
  expect(onSelect).toHaveBeenLastCalledWith([]);
  await openFieldDialog("Rack");
  await userEvent.click(screen.getByRole("radio", { name: /^Clear the value/ }));
  expect(screen.queryByRole("textbox", { name: "Rack" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Clear the value" }));
  expect(await screen.findByText("2 machines freed of Rack")).toBeTruthy();
  const ids = ["a", "b"];
  expect(sent()).toEqual([
    { ids, action: { kind: "set_fields", custom_fields: { level: "Silver" } } },
    { ids, action: { kind: "set_fields", custom_fields: { rack: null } } },
  ]);
});

it("says at the field what is wrong with the value, and keeps what was written", async () => {
  const errors = [{ field: "custom_fields.rack", message: "At most 500 characters." }];
  const { onSelect } = openFields({
    status: 422,
    body: { code: "validation_failed", status: 422, title: "", detail: "", errors },
  });
  await openFieldDialog("Rack");
  const input = screen.getByRole("textbox", { name: "Rack" });
  await userEvent.type(input, "A4{Enter}");
  expect(await screen.findByText("At most 500 characters.")).toBeTruthy();
  expect(input.getAttribute("aria-invalid")).toBe("true");
  expect((input as HTMLInputElement).value).toBe("A4");
  expect(onSelect).not.toHaveBeenCalled();
});

it("says that there is no field to set", async () => {
  signInWith("agents.edit");
  fakeServer(() => ({ body: { items: [] } }));
  openBar(two());
  await waitFor(() => expect(queryClient.getQueryData(["custom_field_list", {}])).toBeTruthy());
  await choose("Set field…");
  const item = screen.getByRole("menuitem", { name: "Set field…", description: /There is no custom field yet/ });
  expect(item.getAttribute("aria-disabled")).toBe("true");
  expect(screen.queryByRole("dialog")).toBeNull();
});

it("has a button for one thing only where there is little room, and the rest in its menu", async () => {
  vi.spyOn(window, "matchMedia").mockImplementation(
    (media) => Object.assign(new EventTarget(), { media, matches: true }) as unknown as MediaQueryList,
  );
  signInWith("commands.run", "scripts.run");
  fakeServer(() => ({ body: { items: [] } }));
  openBar(two());
  await screen.findByRole("button", { name: "Run a command…" });
  expect(screen.queryByRole("button", { name: "Run a script…" })).toBeNull();
  await choose("Run a script…");
  expect(dialogStore.get()).toMatchObject({ kind: "run_script", agents: [{ id: "a" }, { id: "b" }] });
});
