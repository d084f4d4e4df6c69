import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { scriptOf } from "@/test/script";
import { open, press, text } from "./script-page-helper";

afterEach(() => queryClient.clear());

const three = [
  { number: 1, text: "one\n" },
  { number: 2, text: "two\n", note: "Counts on", approved_by_name: "Technician Two" },
  { number: 3, text: "three\n" },
];

it("lists versions and compares the newest with what runs, or any two", async () => {
  open({ script: { approved_version: 1 }, versions: three, at: "?tab=versions" });
  const items = within(await screen.findByRole("list", { name: "Versions, the newest first" }));
  expect(items.getAllByRole("listitem").map((one) => one.getAttribute("aria-label"))).toEqual([
    "Version 3",
    "Version 2",
    "Version 1",
  ]);
  expect(within(items.getByRole("listitem", { name: "Version 1" })).getByText("Approved")).toBeTruthy();
  expect(items.getByText("Counts on")).toBeTruthy();
  expect((await screen.findByTestId("diff")).textContent).toBe("Version 1: one → Version 3: three");
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "With" }), "2");
  await waitFor(() => expect(screen.getByTestId("diff").textContent).toBe("Version 1: one → Version 2: two"));
});

it("approves a version in sight of what changes, and says why one's own is not", async () => {
  const detail = "You have written this version; somebody else has to approve it.";
  const { posts } = open({
    script: { approved_version: 1 },
    versions: three,
    at: "?tab=versions",
    change: ({ method, body }) => {
      if (method !== "POST") return undefined;
      const { number } = body as { number: number };
      return number === 3
        ? { status: 403, body: { code: "own_version", detail } }
        : { body: scriptOf({ approved_version: 2, newest_version: 3 }) };
    },
  });
  await press("Approve version 3");
  let dialog = within(await screen.findByRole("dialog"));
  expect((await dialog.findByTestId("diff")).textContent).toBe("Version 1: one → Version 3: three");
  await userEvent.click(dialog.getByRole("button", { name: "Approve version 3" }));
  expect((await dialog.findByRole("alert")).textContent).toBe(detail);
  await userEvent.click(dialog.getByRole("button", { name: "Not now" }));
  await press("Approve version 2");
  dialog = within(await screen.findByRole("dialog"));
  await userEvent.click(dialog.getByRole("button", { name: "Approve version 2" }));
  expect(await screen.findByText("Version 2 of Disk space is approved")).toBeTruthy();
  expect(posts().map(({ path, body }) => [path, body])).toEqual([
    ["/api/scripts/s1/approve", { number: 3 }],
    ["/api/scripts/s1/approve", { number: 2 }],
  ]);
});

it("withdraws an approval, and says why one may not", async () => {
  const { posts } = open({
    script: { approved_version: 1 },
    at: "?tab=versions",
    change: ({ method }) => (method === "POST" ? { body: scriptOf() } : undefined),
  });
  await press("Withdraw the approval of version 1");
  await press("Withdraw approval");
  await waitFor(() => expect(posts()[0]?.path).toBe("/api/scripts/s1/withdraw"));
});

it("keeps approving from who lacks the permission", async () => {
  open({ may: ["scripts.edit"], at: "?tab=versions" });
  const button = await screen.findByRole("button", { name: "Approve version 1" });
  expect(button.getAttribute("aria-disabled")).toBe("true");
});

it("begins the next version with an earlier one, on top of the newest", async () => {
  const { posts } = open({
    versions: three,
    at: "?tab=versions",
    change: ({ method }) => (method === "POST" ? { status: 201, body: scriptOf({ newest_version: 4 }) } : undefined),
  });
  await press("More for version 1");
  await userEvent.click(await screen.findByRole("menuitem", { name: /Begin the next version/ }));
  expect((await text()).value).toBe("one\n");
  await press("Save as version 4");
  await waitFor(() => expect(posts()[0]?.body).toMatchObject({ based_on: 3, version: { text: "one\n" } }));
});
