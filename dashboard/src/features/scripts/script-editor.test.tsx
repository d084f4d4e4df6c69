import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import type { ScriptVersion } from "@/api/types";
import { parameterOf } from "@/test/script";
import { hear, open, openTab, press, saveElsewhere, text } from "./script-page-helper";

afterEach(() => queryClient.clear());

it("saves what was changed on top of the version that it was", async () => {
  const { server, posts } = open({
    change: ({ method, body }) => {
      if (method !== "POST") return undefined;
      const { version } = body as { version: ScriptVersion };
      saveElsewhere(server, { text: version.text });
      return { status: 201, body: server.script };
    },
  });
  expect((await screen.findByRole("button", { name: "Save as version 2" })).getAttribute("aria-disabled")).toBe("true");
  await userEvent.type(await text(), "uptime");
  await userEvent.type(screen.getByRole("textbox", { name: "Note" }), " Says more ");
  await userEvent.keyboard("{Control>}s{/Control}");
  expect(await screen.findByText("Version 2 saved")).toBeTruthy();
  expect(posts()[0]?.path).toBe("/api/scripts/s1/versions");
  expect(posts()[0]?.body).toEqual({
    based_on: 1,
    version: {
      text: "df -h\nuptime",
      interpreter: "sh",
      platforms: ["linux"],
      context: "system",
      timeout_seconds: 300,
      environment: {},
      parameters: [],
      note: "Says more",
    },
  });
  expect(await screen.findByRole("button", { name: "Save as version 3" })).toBeTruthy();
  expect((screen.getByRole("textbox", { name: "Note" }) as HTMLTextAreaElement).value).toBe("");
  expect(screen.getByRole("tab", { name: "Editor" })).toBeTruthy();
});

it("follows a newer version while nothing is being written", async () => {
  const { server } = open();
  await text();
  saveElsewhere(server, { text: "theirs\n" });
  await hear();
  await waitFor(async () => expect((await text()).value).toBe("theirs\n"));
  expect(screen.queryByRole("alert")).toBeNull();
});

it("keeps what is being written when somebody saves another version, and offers the ways on", async () => {
  const { server, posts } = open({
    change: ({ method }) =>
      method === "POST" ? { status: 201, body: { ...server.script, newest_version: 3 } } : undefined,
  });
  await userEvent.type(await text(), "mine");
  saveElsewhere(server, { text: "theirs\n", timeout_seconds: 60, created_by_name: "Technician Two" });
  await hear();
  const notice = within(await screen.findByRole("alert"));
  expect(notice.getByText(/Technician Two has saved version 2 since you began with version 1/)).toBeTruthy();
  expect((await text()).value).toBe("df -h\nmine");
  await userEvent.click(notice.getByRole("button", { name: "See the difference" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect((await dialog.findByTestId("diff")).textContent).toBe("Version 2: theirs → Yours: df -h\nmine");
  expect(dialog.getByText("Time limit: 1 min → 5 min")).toBeTruthy();
  await userEvent.click(dialog.getByRole("button", { name: "Keep mine on top of it" }));
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  await press("Save as version 3");
  await waitFor(() => expect(posts()[0]?.body).toMatchObject({ based_on: 2, version: { text: "df -h\nmine" } }));
});

it("hears of it from the refusal too, and takes the newest version when that is wished", async () => {
  const { server } = open({
    change: ({ method }) => {
      if (method !== "POST") return undefined;
      saveElsewhere(server, { text: "theirs\n" });
      return { status: 409, body: { code: "script_version_stale", detail: "Somebody was faster." } };
    },
  });
  await userEvent.type(await text(), "mine");
  await press("Save as version 2");
  await press("Take version 2, drop mine");
  await waitFor(async () => expect((await text()).value).toBe("theirs\n"));
  expect(screen.queryByRole("alert")).toBeNull();
  expect((await screen.findByRole("button", { name: "Save as version 3" })).getAttribute("aria-disabled")).toBe("true");
});

it("keeps what is being written while one looks at another tab", async () => {
  open();
  await userEvent.type(await text(), "mine");
  await openTab("Settings");
  await openTab("Editor (not saved)");
  expect((await text()).value).toBe("df -h\nmine");
});

it("adds, orders and removes parameters, and checks them as the server does", async () => {
  const { server, posts } = open({
    versions: [{ parameters: [parameterOf({ name: "folder", label: "Folder", default: "/etc" })] }],
    change: ({ method }) =>
      method === "POST" ? { status: 201, body: { ...server.script, newest_version: 2 } } : undefined,
  });
  await text();
  await press("Add parameter");
  const second = within(screen.getByRole("group", { name: "Parameter 2" }));
  await userEvent.type(second.getByRole("textbox", { name: "Label" }), "Days");
  await userEvent.type(second.getByRole("textbox", { name: "Name" }), "Days");
  await userEvent.selectOptions(second.getByRole("combobox", { name: "Kind" }), "Number");
  await userEvent.type(second.getByRole("textbox", { name: "Smallest" }), "1");
  await userEvent.type(second.getByRole("textbox", { name: "Default" }), "0");
  await press("Save as version 2");
  expect(await second.findByText(/^Small letters, digits and _/)).toBeTruthy();
  expect(second.getByText("At least 1.")).toBeTruthy();
  await userEvent.clear(second.getByRole("textbox", { name: "Name" }));
  await userEvent.type(second.getByRole("textbox", { name: "Name" }), "days");
  expect(second.getByText("$PARAM_DAYS")).toBeTruthy();
  await userEvent.clear(second.getByRole("textbox", { name: "Default" }));
  await userEvent.click(second.getByRole("checkbox", { name: /Required/ }));
  await press("Move parameter 2 up");
  await press("Save as version 2");
  await waitFor(() => expect(posts()).toHaveLength(1));
  expect(posts()[0]?.body).toMatchObject({
    version: {
      parameters: [
        { name: "days", label: "Days", kind: "number", required: true, min: 1 },
        { name: "folder", label: "Folder", kind: "string", required: false, default: "/etc" },
      ],
    },
  });
  await press("Remove parameter 1");
  expect(screen.queryByRole("group", { name: "Parameter 2" })).toBeNull();
});

it("shows at its row what the server says of a parameter or a variable", async () => {
  open({
    versions: [
      {
        environment: { MODE: "fast" },
        parameters: [parameterOf({ name: "a" }), parameterOf({ name: "b", default: "x" })],
      },
    ],
    change: ({ method }) =>
      method === "POST"
        ? {
            status: 422,
            body: {
              code: "validation_failed",
              detail: "Wrong.",
              errors: [
                { field: "parameters[1].default", message: "Not this default." },
                { field: "environment.MODE", message: "Not this variable." },
              ],
            },
          }
        : undefined,
  });
  await userEvent.type(await text(), "mine");
  await press("Save as version 2");
  const second = within(await screen.findByRole("group", { name: "Parameter 2" }));
  expect(await second.findByText("Not this default.")).toBeTruthy();
  expect(second.getByRole("textbox", { name: "Default" }).getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByText("Not this variable.")).toBeTruthy();
  expect(screen.getByRole("textbox", { name: "Name of variable 1" }).getAttribute("aria-invalid")).toBe("true");
});

it("is only to look at without the permission to edit", async () => {
  open({ may: ["scripts.run"] });
  expect((await text()).readOnly).toBe(true);
  expect(screen.queryByRole("button", { name: /^Save as/ })).toBeNull();
  expect(screen.getByText(/You may look at it and not change it/)).toBeTruthy();
  expect(screen.getByRole("spinbutton", { name: /Time limit/ }).closest("fieldset")?.disabled).toBe(true);
});

it("asks before what is not saved is left", async () => {
  open();
  await userEvent.type(await text(), "mine");
  await userEvent.click(screen.getByRole("link", { name: /What was done to it/ }));
  expect(await screen.findByRole("alertdialog", { name: "Leave without saving?" })).toBeTruthy();
  await press("Keep");
  expect((await text()).value).toBe("df -h\nmine");
});
