import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { AuditPage } from "./audit-page";
import { auditSearch } from "./search";

const PERSON = "01900000-0000-7000-8000-00000000000a";
const renamed = {
  id: "e2",
  occurred_at: "2026-03-01T12:00:00Z",
  summary: "Technician One changed the client Other: name Example → Other",
  changes: [{ field: "name", before: "Example", after: "Other" }],
  actor_kind: "user",
  actor_id: PERSON,
  actor_name: "Technician One",
  action: "client.updated",
  outcome: "done",
  target_kind: "client",
  target_id: "c1",
  target_name: "Other",
  ip: "192.0.2.1",
  session_id: "s1",
  detail: {},
};
const refused = {
  ...renamed,
  id: "e1",
  summary: "Technician One was refused PATCH /api/clients/c1 (forbidden)",
  changes: [],
  action: "request.refused",
  outcome: "refused",
  target_kind: "request",
};
const chain = { sealed_until: "2026-03-01T12:00:00Z", seq: 1204, first: 1, hash: "ab", trimmed_at: null };

beforeEach(() => {
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
  signInWith("audit.view", "audit.export");
});
afterEach(() => queryClient.clear());

function openAudit(address: string, items: unknown[] = [renamed, refused]): Seen[] {
  const seen = fakeServer(({ path }) => {
    if (path === "/api/audit-chain") return { body: chain };
    if (path.endsWith("/export")) {
      return { body: items, headers: { "content-disposition": 'attachment; filename="audit-2026-03-01.json"' } };
    }
    return { body: { items, next: null } };
  });
  openPage({ path: "/audit", component: AuditPage, validateSearch: auditSearch }, address);
  return seen;
}

const asked = (seen: Seen[]) =>
  seen
    .filter(({ path }) => path === "/api/audit-events")
    .at(-1)
    ?.search.toString();

it("tells each event as a sentence, what was refused too, and how far it is sealed", async () => {
  openAudit("/audit");
  expect(await screen.findByRole("button", { name: renamed.summary })).toBeTruthy();
  const rows = screen.getAllByRole("row").map((row) => row.textContent ?? "");
  expect(rows.find((row) => row.includes("was refused"))).toContain("Refused");
  expect(rows.find((row) => row.includes("changed the client"))).toContain("Done");
  expect(await screen.findByText(/events 1 to 1,204/)).toBeTruthy();
});

it("shows before and after, and leads to everything that a person did", async () => {
  const seen = openAudit("/audit?action=client.updated");
  await userEvent.click(await screen.findByRole("button", { name: renamed.summary }));
  const dialog = within(screen.getByRole("dialog"));
  const cells = within(dialog.getByRole("table")).getAllByRole("cell");
  expect(cells.map((cell) => cell.textContent)).toEqual(["Example", "Other"]);
  await userEvent.click(dialog.getByRole("link", { name: "All by Technician One" }));
  await waitFor(() => expect(asked(seen)).toBe(`actor_id=${PERSON}&limit=100`));
  await userEvent.click(await screen.findByRole("button", { name: "Remove the filter: By Technician One" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: /Remove the filter/ })).toBeNull());
});

it("takes the filters from the address, and from nothing else", async () => {
  const seen = openAudit("/audit?outcome=refused&session_id=s1&search=one&outcomes=x", []);
  expect(await screen.findByText("Nothing matches")).toBeTruthy();
  expect(new URLSearchParams(asked(seen)).get("outcome")).toBe("refused");
  expect(new URLSearchParams(asked(seen)).get("session_id")).toBe("s1");
  expect(asked(seen)).not.toContain("outcomes");
  await userEvent.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(await screen.findByText("Nothing has happened yet")).toBeTruthy();
});

it("saves what is shown as a file that the server names", async () => {
  const seen = openAudit("/audit?outcome=refused");
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => {} }));
  const saved: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  await userEvent.click(await screen.findByRole("button", { name: "Save as…" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: /JSON/ }));
  await waitFor(() => expect(saved).toEqual(["audit-2026-03-01.json"]));
  const file = seen.find(({ path }) => path === "/api/audit-events/export");
  expect(file?.search.toString()).toBe("outcome=refused&format=json");
  expect(file?.headers.get("x-gururmm")).toBe("1");
});

it("says what went wrong and offers another try", async () => {
  fakeServer(() => ({ status: 503, body: { code: "unavailable", detail: "away", status: 503 } }));
  openPage({ path: "/audit", component: AuditPage, validateSearch: auditSearch }, "/audit");
  expect(await screen.findByRole("button", { name: /try again/i }, { timeout: 15_000 })).toBeTruthy();
}, 20_000);

it("says of what a schedule did in whose name it was", async () => {
  const skipped = { ...renamed, id: "e3", summary: "The schedule Nightly ran nothing", actor_kind: "schedule" };
  openAudit("/audit", [
    {
      ...skipped,
      action: "schedule.skipped",
      target_kind: "schedule",
      target_id: "h1",
      target_name: "Nightly",
      changes: [],
    },
  ]);
  expect(await screen.findByText("Schedule, for Technician One")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "The schedule Nightly ran nothing" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Schedule skipped" }));
  expect(dialog.getByText("By").nextElementSibling?.textContent).toBe("Schedule");
  expect(dialog.getByText("On behalf of").nextElementSibling?.textContent).toBe("Technician One");
  expect(dialog.getByRole("link", { name: "Nightly" }).getAttribute("href")).toBe("/schedules/h1");
});
