import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { TimeZonePanel } from "./time-zone-panel";

beforeEach(() => {
  Element.prototype.scrollIntoView = () => {};
});
afterEach(() => queryClient.clear());

function open(refusal?: { status: number; body: unknown }): Seen[] {
  const seen = fakeServer(({ method }) =>
    method === "PATCH" && refusal ? refusal : { body: { id: "org", name: "Example", time_zone: "UTC" } },
  );
  openPage({ path: "/settings", component: TimeZonePanel }, "/settings");
  return seen;
}

async function choose(words: string, name: RegExp) {
  await userEvent.click(await screen.findByRole("combobox", { name: "Time zone of the organisation" }));
  await userEvent.keyboard(words);
  await userEvent.click(await screen.findByRole("option", { name }));
  await userEvent.click(screen.getByRole("button", { name: "Save time zone" }));
}

it("takes a time zone by words of its name", async () => {
  signInWith("organisation.edit");
  const seen = open();
  await choose("new york", /America\/New_York/);
  await waitFor(() =>
    expect(seen.find(({ method }) => method === "PATCH")?.body).toEqual({ time_zone: "America/New_York" }),
  );
  expect(await screen.findByText("Time zone saved")).toBeTruthy();
});

it("says what the server says of it", async () => {
  signInWith("organisation.edit");
  const errors = [{ field: "time_zone", message: "No such time zone." }];
  open({ status: 422, body: { code: "validation_failed", detail: "Wrong.", errors } });
  await choose("berlin", /Europe\/Berlin/);
  expect((await screen.findByRole("alert")).textContent).toBe("No such time zone.");
});

it("shows it to who may not change it, and nothing to who may not see it", async () => {
  signInWith("organisation.view");
  open();
  const field = await screen.findByLabelText("Time zone of the organisation");
  expect((field as HTMLInputElement).value).toBe("UTC");
  expect((field as HTMLInputElement).disabled).toBe(true);
  expect(screen.getByRole("button", { name: "Save time zone" }).getAttribute("aria-disabled")).toBe("true");
});
