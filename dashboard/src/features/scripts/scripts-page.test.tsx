import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import type { Script } from "@/api/types";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { scriptOf } from "@/test/script";
import { ScriptsPage } from "./scripts-page";
import { scriptsSearch } from "./search";

beforeEach(() => {
  // The table has no size here: every row is in view.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(2000);
});
afterEach(() => queryClient.clear());

const all = [
  scriptOf({ id: "1", name: "Disk space", approved_version: 1, ended_count: 8, completed_count: 6 }),
  scriptOf({ id: "2", name: "Failed services", newest_version: 3, approved_version: 2 }),
  scriptOf({ id: "3", name: "BitLocker", folder: "Windows", platforms: ["windows"], interpreter: "cmd" }),
];

type Reply = { status?: number; body?: unknown };

interface Opened {
  scripts?: Script[];
  may?: Permission[];
  change?: (seen: Seen) => Reply;
}

function open({ scripts = all, may = ["scripts.edit", "scripts.run"], change }: Opened = {}) {
  signInWith(...may);
  const seen = fakeServer((asked) =>
    asked.method === "POST" ? (change?.(asked) ?? {}) : { body: { items: scripts, next: null } },
  );
  openPage({ path: "/scripts", component: ScriptsPage, validateSearch: scriptsSearch }, "/scripts");
  return { seen, lists: () => seen.filter(({ path, method }) => path === "/api/scripts" && method === "GET") };
}

const row = (name: RegExp) => screen.findByRole("row", { name });

it("lists scripts below their folders, with their state and how they fared", async () => {
  open();
  expect(within(await row(/^Linux/)).getByText("2 scripts")).toBeTruthy();
  const disk = within(await row(/Disk space/));
  expect(disk.getByText("Approved")).toBeTruthy();
  expect(disk.getByTitle("6 of 8 commands completed: of the last 90 days, the newest 1,000 at most").textContent).toBe(
    "75% of 8",
  );
  expect(within(await row(/Failed services/)).getByText("Newer version waits")).toBeTruthy();
  expect(within(await row(/BitLocker/)).getByText("Not approved")).toBeTruthy();
  expect(screen.getByText("3 scripts")).toBeTruthy();
});

it("closes a folder, but not to who searches", async () => {
  const { lists } = open();
  const folder = await screen.findByRole("button", { name: /^Linux/ });
  await userEvent.click(folder);
  expect(folder.getAttribute("aria-expanded")).toBe("false");
  expect(screen.queryByText("Disk space")).toBeNull();
  await userEvent.type(screen.getByRole("searchbox", { name: "Search scripts" }), "disk");
  await waitFor(() => expect(lists().at(-1)?.search.get("search")).toBe("disk"));
  expect(await screen.findByText("Disk space")).toBeTruthy();
  await userEvent.clear(screen.getByRole("searchbox", { name: "Search scripts" }));
  await waitFor(() => expect(screen.queryByText("Disk space")).toBeNull());
  await userEvent.click(screen.getByRole("button", { name: /^Linux/ }));
  expect(screen.getByText("Disk space")).toBeTruthy();
});

it("shows what was put away only where it is asked for", async () => {
  const { lists } = open();
  await row(/Disk space/);
  expect(lists().at(-1)?.search.get("archived")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Put away" }));
  await waitFor(() => expect(lists().at(-1)?.search.get("archived")).toBe("true"));
});

it("reads every page of the library", async () => {
  signInWith("scripts.view");
  fakeServer(({ search }) => ({
    body: search.get("after")
      ? { items: [scriptOf({ id: "9", name: "The last" })], next: null }
      : { items: all, next: "more" },
  }));
  openPage({ path: "/scripts", component: ScriptsPage, validateSearch: scriptsSearch }, "/scripts");
  expect(await row(/The last/)).toBeTruthy();
  expect(screen.getByText("4 scripts")).toBeTruthy();
});

it("offers three ways to begin, and adds the starter set", async () => {
  const { seen } = open({
    scripts: [],
    change: () => ({ body: { created: 20, new_versions: 0, unchanged: 0 } }),
  });
  expect(await screen.findByText("No script yet")).toBeTruthy();
  expect(screen.getAllByRole("link", { name: "New script" })).toHaveLength(2);
  expect(screen.getByRole("button", { name: "Import files" })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Add the starter set" }));
  await waitFor(() => expect(seen.some(({ path }) => path === "/api/scripts/import-starter")).toBe(true));
  expect(await screen.findByText("Starter set: 20 created, 0 with a new version, 0 unchanged")).toBeTruthy();
});

it("says why nothing can be added without the permission", async () => {
  open({ scripts: [], may: ["scripts.view"] });
  await screen.findByText("No script yet");
  for (const button of screen.getAllByRole("button", { name: "New script" })) {
    expect(button.getAttribute("aria-disabled")).toBe("true");
  }
  expect(screen.getByRole("button", { name: "Run…" }).getAttribute("aria-disabled")).toBe("true");
});

const file = (name: string, text = "echo hi\n") => new File([text], name);

/** What becomes of a file, by its name. */
function imported({ body }: Seen): Reply {
  const { file_name: name } = body as { file_name: string };
  if (name === "broken.sh") {
    const errors = [{ field: "content", message: "Line 4: unknown field `nonsense`." }];
    return { status: 422, body: { code: "validation_failed", detail: "Wrong.", errors } };
  }
  const outcome = name === "old.sh" ? "unchanged" : name === "next.sh" ? "new_version" : "created";
  return { body: { outcome, script: scriptOf({ name: name.replace(".sh", ""), newest_version: 4 }) } };
}

it("imports several files and says of each what became of it, with the line of what is wrong", async () => {
  const { seen } = open({ change: imported });
  await row(/Disk space/);
  await userEvent.click(screen.getByRole("button", { name: "Import" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: /Files/ }));
  await userEvent.upload(screen.getByLabelText("Files to import"), [
    file("old.sh"),
    file("next.sh", "echo näx\n"),
    file("broken.sh"),
    file("a.sh"),
  ]);
  expect(await screen.findByText("1 file of 4 could not be imported.")).toBeTruthy();
  const results = within(screen.getByRole("list", { name: "Files" })).getAllByRole("listitem");
  expect(results.map(({ textContent }) => textContent)).toEqual([
    "a.shCreated: Linux › a",
    "broken.shLine 4: unknown field `nonsense`.",
    "next.shNew version 4 of Linux › next",
    "old.shUnchanged: Linux › old",
  ]);
  const sent = seen.filter(({ path }) => path === "/api/scripts/import").map(({ body }) => body);
  expect(sent[2]).toEqual({ file_name: "next.sh", content: "ZWNobyBuw6R4Cg==" });
});

it("takes files that are dropped on it", async () => {
  open({ change: imported });
  const target = await row(/Disk space/);
  const dataTransfer = { types: ["Files"], files: [file("a.sh")] };
  fireEvent.dragEnter(target, { dataTransfer });
  expect(screen.getByText("Drop the files to import them")).toBeTruthy();
  fireEvent.drop(target, { dataTransfer });
  expect(await screen.findByText("1 file imported.")).toBeTruthy();
});
