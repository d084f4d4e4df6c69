import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import type { SavedView } from "@/api/types";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { SavedViews } from "./saved-views";

afterEach(() => queryClient.clear());

const time = "2026-01-02T03:04:05Z";
const view = (name: string, more: Partial<SavedView> = {}): SavedView => ({
  id: name,
  name,
  is_shared: false,
  is_own: true,
  owner_name: "Technician One",
  search: {},
  columns: {},
  created_at: time,
  updated_at: time,
  ...more,
});

type Reply = { status?: number; body?: unknown };

function open(views: SavedView[], patched?: () => Reply): { seen: Seen[]; onColumns: ReturnType<typeof vi.fn> } {
  const onColumns = vi.fn();
  const seen = fakeServer(({ method, path, body }) => {
    if (method === "GET" && path === "/api/saved-views") return { body: { items: views } };
    if (method === "PATCH" && patched) return patched();
    if (method === "POST") views.push(view((body as SavedView).name, body as SavedView));
    return method === "DELETE" ? { status: 204 } : { body: views.at(-1) };
  });
  openPage(
    {
      path: "/machines",
      component: () => (
        <SavedViews search={{ os: "linux", tag: undefined }} columns={{ uptime: true }} onColumns={onColumns} />
      ),
    },
    "/machines",
  );
  return { seen, onColumns };
}

const bodies = (seen: Seen[], method: string) => seen.filter((one) => one.method === method).map(({ body }) => body);

it("saves a view with its columns, and brings them back", async () => {
  signInWith();
  const { seen, onColumns } = open([]);
  await userEvent.click(await screen.findByRole("button", { name: "Views" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Save this view…" }));
  await userEvent.click(screen.getByRole("button", { name: "Save view" }));
  expect(await screen.findByText("Write a name.")).toBeTruthy();
  await userEvent.click(screen.getByRole("checkbox", { name: /^Share it/ }));
  await userEvent.type(screen.getByRole("textbox", { name: "Name of the view" }), " Uptimes {Enter}");
  await waitFor(() => expect(bodies(seen, "POST")).toHaveLength(1));
  const body = { name: "Uptimes", is_shared: true, search: { os: "linux" }, columns: { uptime: true } };
  expect(bodies(seen, "POST")).toEqual([body]);
  await userEvent.click(await screen.findByRole("button", { name: "Views" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Uptimes" }));
  expect(onColumns).toHaveBeenCalledExactlyOnceWith({ uptime: true });
});

it("replaces a view of one's own with the same name, never somebody else's", async () => {
  signInWith();
  const { seen } = open([view("Mine"), view("Theirs", { is_own: false, is_shared: true })]);
  for (const name of ["mine", "Theirs"]) {
    await userEvent.click(await screen.findByRole("button", { name: "Views" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Save this view…" }));
    await userEvent.type(await screen.findByRole("textbox", { name: "Name of the view" }), `${name}{Enter}`);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  }
  expect(seen.filter(({ method }) => method === "PATCH").map(({ path }) => path)).toEqual(["/api/saved-views/Mine"]);
  expect(bodies(seen, "POST")).toHaveLength(1);
});

it("lets one share and remove one's own views, and those of others only with the right to", async () => {
  signInWith();
  const { seen } = open([
    view("Mine"),
    view("Theirs", { is_own: false, is_shared: true, owner_name: "Technician Two" }),
  ]);
  await userEvent.click(await screen.findByRole("button", { name: "Views" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Manage views…" }));
  expect(await screen.findByText("shared by Technician Two")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Make private: Theirs|Share Theirs/ })).toBeNull();
  expect(screen.getByRole("button", { name: "Remove Theirs" }).getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(screen.getByRole("button", { name: "Share Mine" }));
  await waitFor(() => expect(bodies(seen, "PATCH")).toEqual([{ is_shared: true }]));
  await userEvent.click(screen.getByRole("button", { name: "Remove Mine" }));
  await waitFor(() => expect(seen.some(({ method }) => method === "DELETE")).toBe(true));
});

async function rename(view: string, name: string): Promise<void> {
  await userEvent.click(await screen.findByRole("button", { name: "Views" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Manage views…" }));
  await userEvent.click(await screen.findByRole("button", { name: `Rename ${view}` }));
  const field = screen.getByRole("textbox", { name: `New name of ${view}` });
  expect(document.activeElement).toBe(field);
  await userEvent.clear(field);
  await userEvent.type(field, `${name}{Enter}`);
}

it("renames a view, and goes on where it was", async () => {
  signInWith();
  const { seen } = open([view("Mine"), view("Theirs", { is_own: false, is_shared: true })]);
  await rename("Mine", " Ours ");
  expect(await screen.findByText("Mine is Ours now")).toBeTruthy();
  expect(bodies(seen, "PATCH")).toEqual([{ name: "Ours" }]);
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Rename Mine"));
  expect(screen.getByRole("button", { name: "Rename Theirs" }).getAttribute("aria-disabled")).toBe("true");
});

it("says what is wrong with the new name, and lets it be", async () => {
  signInWith();
  const { seen } = open([view("Mine"), view("Other")], () => ({
    status: 409,
    body: { code: "name_taken", status: 409, title: "", detail: "" },
  }));
  await rename("Mine", " ");
  expect(await screen.findByText("Write a name.")).toBeTruthy();
  expect(bodies(seen, "PATCH")).toEqual([]);
  await userEvent.type(screen.getByRole("textbox", { name: "New name of Mine" }), "Other{Enter}");
  expect((await screen.findByRole("alert")).textContent).toMatch(/name is taken/);
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("textbox", { name: "New name of Mine" })).toBeNull();
  expect(screen.getByRole("dialog", { name: "Manage views" })).toBeTruthy();
});
