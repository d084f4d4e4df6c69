import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { BulkBar } from "./bulk-bar";

afterEach(() => queryClient.clear());

it("says before machines are deleted what becomes of their commands and of their measurements", async () => {
  signInWith("agents.delete");
  const agents = ["a", "b"].map((id) => ({ id, name: `web-${id}` }));
  openPage({ path: "/machines", component: () => <BulkBar agents={agents} onSelect={() => {}} /> }, "/machines");
  await userEvent.click(await screen.findByRole("button", { name: "Delete…" }));
  const text = screen.getByRole("alertdialog").textContent;
  expect(text).toContain("their commands are deleted");
  expect(text).toContain("Their measurements can no longer be read and leave the database when their retention ends.");
});
