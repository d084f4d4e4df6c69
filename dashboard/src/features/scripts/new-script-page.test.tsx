import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { scriptOf } from "@/test/script";
import type { CodeFieldProps } from "./code-field";
import { NewScriptPage } from "./new-script-page";

vi.mock("./code-field", () => ({
  CodeField: ({ label, value, onValue }: CodeFieldProps) => (
    <textarea aria-label={label} value={value} onChange={(event) => onValue(event.target.value)} />
  ),
}));

afterEach(() => queryClient.clear());

function open(answer: (seen: Seen) => { status?: number; body?: unknown } = () => ({ status: 201, body: scriptOf() })) {
  signInWith("scripts.edit");
  const seen = fakeServer((asked) => (asked.method === "POST" ? answer(asked) : { body: { items: [], next: null } }));
  openPage({ path: "/scripts/new", component: NewScriptPage }, "/scripts/new");
  return { posts: () => seen.filter(({ method }) => method === "POST") };
}

const save = async () => userEvent.click(await screen.findByRole("button", { name: "Save script" }));
const name = () => screen.findByRole("textbox", { name: "Name" });
const text = () => screen.getByRole("textbox", { name: "Text of the script" });

it("says everything that is wrong at once, and asks the server nothing", async () => {
  const { posts } = open();
  await save();
  expect(await screen.findByText("Give it a name.")).toBeTruthy();
  expect(await screen.findByText("The script has no text.")).toBeTruthy();
  expect(posts()).toEqual([]);
});

it("saves the script with its first version", async () => {
  const { posts } = open();
  await userEvent.type(await name(), " Disk space ");
  await userEvent.type(screen.getByRole("combobox", { name: "Folder" }), "Linux");
  await userEvent.type(text(), "df -h");
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Interpreter" }), "");
  await userEvent.type(screen.getByRole("textbox", { name: "Program" }), "bash");
  await userEvent.click(screen.getByRole("checkbox", { name: "macOS" }));
  await save();
  await waitFor(() => expect(posts()).toHaveLength(1));
  expect(posts()[0]?.body).toMatchObject({
    name: "Disk space",
    folder: "Linux",
    description: "",
    version: { text: "df -h", interpreter: "bash", platforms: ["linux", "macos"], context: "system", note: "" },
  });
});

it("knows that cmd is on Windows only", async () => {
  open();
  await name();
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Interpreter" }), "cmd");
  const isChosen = (system: string) => screen.getByRole("checkbox", { name: system }).getAttribute("aria-checked");
  expect([isChosen("Linux"), isChosen("Windows")]).toEqual(["false", "true"]);
});

it("shows at the name that it is taken, and at their fields what else the server says", async () => {
  const errors = [
    { field: "folder", message: "Not this folder." },
    { field: "timeout_seconds", message: "Not so long." },
  ];
  let isTaken = true;
  open(() =>
    isTaken
      ? { status: 409, body: { code: "name_taken", detail: "There is one." } }
      : { status: 422, body: { code: "validation_failed", detail: "Wrong.", errors } },
  );
  await userEvent.type(await name(), "Disk space");
  await userEvent.type(text(), "df -h");
  await save();
  expect(await screen.findByText("The name is taken. Choose another name.")).toBeTruthy();
  isTaken = false;
  await save();
  expect(await screen.findByText("Not this folder.")).toBeTruthy();
  expect(screen.getByText("Not so long.")).toBeTruthy();
});
