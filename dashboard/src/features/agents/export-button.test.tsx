import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { openPage } from "@/test/open-page";
import { AGENT_COLUMNS } from "./columns";
import { ExportButton } from "./export-button";

afterEach(() => queryClient.clear());

const columns = AGENT_COLUMNS.filter(({ id }) => ["name", "tags"].includes(id));
const open = () =>
  openPage(
    { path: "/machines", component: () => <ExportButton query={{ tag: "web", sort: "os" }} columns={columns} /> },
    "/machines",
  );

it("says why there is no file", async () => {
  const detail = "These are 100001 machines, and a file holds at most 100000. Narrow the view.";
  fakeServer(() => ({ status: 422, body: { code: "too_many_rows", status: 422, title: "", detail } }));
  open();
  await userEvent.click(await screen.findByRole("button", { name: "CSV" }));
  expect(await screen.findByText(detail)).toBeTruthy();
});

it("asks the server for the file of this view", async () => {
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => {} }));
  const seen = fakeServer(() => ({ body: "Name,Tags" }));
  open();
  await userEvent.click(await screen.findByRole("button", { name: "CSV" }));
  expect(await screen.findByText("The list was saved")).toBeTruthy();
  expect(seen[0]?.path).toBe("/api/agents/export");
  expect(Object.fromEntries(seen[0]?.search ?? [])).toEqual({ tag: "web", sort: "os", columns: "name,tags" });
});
