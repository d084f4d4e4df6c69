import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import type { Agent, CustomField } from "@/api/types";
import { closeEverything } from "@/components/actions";
import { fakeServer, type Seen } from "@/test/fake-server";
import { WithMachineDialogs } from "@/test/machine-dialogs";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { LabelsPanel } from "./labels-panel";

afterEach(() => {
  queryClient.clear();
  closeEverything();
});

const time = "2026-01-02T03:04:05Z";
const field = (id: string, kind: CustomField["kind"], choices: string[] = []): CustomField => ({
  id,
  name: `The ${id}`,
  kind,
  choices,
  agent_count: 0,
  created_at: time,
  updated_at: time,
});
const FIELDS = [field("rack", "text"), field("level", "choice", ["Gold", "Silver"]), field("leased", "checkbox")];

function open(answer: { status?: number; body?: unknown } = { body: {} }): Seen[] {
  const agent = {
    id: "a",
    hostname: "web-1",
    tags: ["web"],
    custom_fields: { rack: "A4", leased: "true" },
  } as unknown as Agent;
  const seen = fakeServer(({ method, path }) => {
    if (method === "PATCH") return answer;
    return { body: { items: path === "/api/custom-fields" ? FIELDS : [] } };
  });
  const panel = <LabelsPanel agent={agent} />;
  openPage({ path: "/machines/$id", component: () => <WithMachineDialogs>{panel}</WithMachineDialogs> }, "/machines/a");
  return seen;
}

it("shows what people have added, and leads to the machines with the same", async () => {
  signInWith("agents.view");
  open();
  expect((await screen.findByRole("link", { name: "web" })).getAttribute("href")).toBe("/machines?tag=web");
  expect((await screen.findByRole("link", { name: "A4" })).getAttribute("href")).toBe("/machines?field=rack%3AA4");
  expect(screen.getByText("Yes")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Edit tags and fields" }).getAttribute("aria-disabled")).toBe("true");
});

it("sends the tags and what was changed, also a tag that was typed and not ended", async () => {
  signInWith("agents.edit");
  const seen = open();
  await screen.findByText("The rack");
  await userEvent.click(screen.getByRole("button", { name: "Edit tags and fields" }));
  await userEvent.type(await screen.findByRole("combobox", { name: "Tags" }), "db");
  await userEvent.clear(screen.getByRole("textbox", { name: "The rack" }));
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "The level" }), "Silver");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(seen.find(({ method }) => method === "PATCH")?.body).toEqual({
    tags: ["web", "db"],
    custom_fields: { rack: null, level: "Silver" },
  });
});

it("says at the field what is wrong with its value", async () => {
  signInWith("agents.edit");
  const errors = [{ field: "custom_fields.rack", message: "At most 500 characters." }];
  open({ status: 422, body: { code: "validation_failed", status: 422, title: "", detail: "", errors } });
  await screen.findByText("The rack");
  await userEvent.click(screen.getByRole("button", { name: "Edit tags and fields" }));
  await userEvent.click(await screen.findByRole("button", { name: "Save" }));
  expect(await screen.findByText("At most 500 characters.")).toBeTruthy();
  expect(screen.getByRole("textbox", { name: "The rack" }).getAttribute("aria-invalid")).toBe("true");
});
