import { screen, within } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { AttentionPage } from "./attention-page";

afterEach(() => queryClient.clear());

function open(waiting: number, quarantined: number): Seen[] {
  signInWith("agents.view");
  const by_os = { linux: 9, windows: 0, macos: 0 };
  const seen = fakeServer(({ path }) => ({
    body: path.endsWith("/summary")
      ? { total: 9, online: 9, offline: 0, waiting, quarantined, by_os }
      : { items: [], next: null, count: 0 },
  }));
  openPage({ path: "/", component: AttentionPage }, "/");
  return seen;
}

it("says who waits and who is quarantined, and leads there", async () => {
  const seen = open(3, 1);
  const list = within(await screen.findByRole("list", { name: "Enrolment" }));
  expect(list.getByRole("link", { name: "3 machines wait to be let in" }).getAttribute("href")).toBe("/enrolment");
  const held = list.getByRole("link", { name: "1 machine is quarantined" });
  expect(held.getAttribute("href")).toBe("/enrolment?tab=held");
  // who waits is not offline besides
  expect(seen.find(({ search }) => search.get("status") === "offline")?.search.get("state")).toBe("active");
});

it("says nothing of it when there are none", async () => {
  open(0, 0);
  expect(await screen.findByText("Every machine is online.")).toBeTruthy();
  expect(screen.queryByRole("list", { name: "Enrolment" })).toBeNull();
});
