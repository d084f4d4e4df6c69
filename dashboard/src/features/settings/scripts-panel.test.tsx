import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { ScriptsPanel } from "./scripts-panel";

afterEach(() => queryClient.clear());

function open() {
  const seen = fakeServer(() => ({ body: { name: "Example", scripts_need_other_person: true } }));
  openPage({ path: "/settings", component: ScriptsPanel }, "/settings");
  return () => seen.filter(({ method }) => method === "PATCH").map(({ body }) => body);
}

const box = () => screen.findByRole("checkbox", { name: /A version is approved by somebody who has not written it/ });

it("lets authors approve their own versions", async () => {
  signInWith("organisation.view", "organisation.edit");
  const saved = open();
  expect((await box()).getAttribute("aria-checked")).toBe("true");
  await userEvent.click(await box());
  await userEvent.click(screen.getByRole("button", { name: "Save approval of scripts" }));
  await waitFor(() => expect(saved()).toEqual([{ scripts_need_other_person: false }]));
});

it("says why it cannot be changed", async () => {
  signInWith("organisation.view");
  open();
  await userEvent.click(await box());
  expect((await box()).getAttribute("aria-checked")).toBe("true");
  expect(screen.getByText(/lacks the permission/)).toBeTruthy();
});
