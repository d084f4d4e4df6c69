import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import type { ScheduleDetails } from "@/api/types";
import { countsOf, runOf } from "@/test/command-run";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { scheduleDetailsOf } from "@/test/schedule";
import { SchedulePage } from "./schedule-page";
import { scheduleSearch } from "./search";

beforeEach(() => {
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
});
afterEach(() => queryClient.clear());

type Reply = { status?: number; body?: unknown };

interface Opened {
  schedule?: Partial<ScheduleDetails>;
  may?: Permission[];
  address?: string;
  answer?: (seen: Seen) => Reply | undefined;
}

function open({ schedule, may = ["schedules.edit", "audit.view"], address = "/schedules/h1", answer }: Opened = {}) {
  signInWith(...may);
  const server = { schedule: scheduleDetailsOf(schedule) };
  const seen = fakeServer((asked) => {
    const own = answer?.(asked);
    if (own) return own;
    if (asked.method !== "GET") return { body: server.schedule };
    if (asked.path === "/api/schedules/h1") return { body: server.schedule };
    if (asked.path === "/api/command-runs") {
      const run = runOf({
        schedule_id: "h1",
        script_name: "Disk space",
        script_version: 2,
        due_at: "2026-01-02T02:00:00Z",
      });
      return { body: { items: [{ ...run, status: "finished", counts: countsOf({ completed: 3 }) }], next: null } };
    }
    return { body: { items: [], next: null } };
  });
  openPage({ path: "/schedules/$id", component: SchedulePage, validateSearch: scheduleSearch }, address);
  return { server, seen, changes: () => seen.filter(({ method }) => method !== "GET") };
}

const heading = () => screen.findByRole("heading", { level: 1, name: "Nightly" });
const fact = (name: string) => screen.getByText(name, { selector: "dt" }).nextElementSibling?.textContent;

it("says what it does, where, and what is to come", async () => {
  open({
    schedule: {
      trigger: { kind: "cron", timing: "0 3 * * *", missed: "once", missed_within_minutes: 120 },
      targets: { filter: { tag: "web", os: null } },
      parameters: { folder: "/var" },
      client_id: "c1",
      client_name: "Example Florist",
      last_outcome: "nothing",
      last_reason: "There was no machine for it.",
      last_due_at: "2026-01-02T02:00:00Z",
    },
  });
  await heading();
  expect(fact("When")).toBe("At 03:00 every day");
  expect(fact("By")).toBe("the clock of each site");
  expect(fact("A missed time")).toBe("is made up for once, within 2 h");
  expect(fact("Script")?.trim()).toBe("Disk space (version 2)");
  expect(fact("Which machines")).toBe("All machines: tagged web");
  expect(fact("Last time")).toContain("There was no machine for it.");
  expect(fact("In the name of")).toBe("Technician Two");
  expect(screen.getByRole("link", { name: "Example Florist" }).getAttribute("href")).toBe("/clients/c1");
  const times = within(screen.getByRole("list", { name: "Next times" })).getAllByRole("listitem");
  expect(times[0]?.textContent).toMatch(/^Sat 2026-01-03 03:00Europe\/Berlin/);
  expect(times[1]?.textContent).toMatch(/America\/New_York/);
  expect(within(screen.getByRole("list", { name: "Parameters" })).getByText("/var")).toBeTruthy();
});

it("pauses and resumes", async () => {
  const { server, changes } = open();
  await heading();
  server.schedule = scheduleDetailsOf({ status: "paused", next: [], next_at: null });
  await userEvent.click(screen.getByRole("button", { name: "Pause" }));
  expect(await screen.findByText(/^It is paused/)).toBeTruthy();
  expect(screen.getByText("None while it does not work.")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Resume" }));
  await waitFor(() =>
    expect(changes().map(({ path }) => path)).toEqual(["/api/schedules/h1/pause", "/api/schedules/h1/resume"]),
  );
});

it("deletes when asked twice, and is not there any more", async () => {
  const { changes, seen } = open();
  await heading();
  await userEvent.click(screen.getByRole("button", { name: "Delete…" }));
  await userEvent.click(await screen.findByRole("button", { name: "Delete schedule" }));
  await waitFor(() => expect(changes()[0]?.method).toBe("DELETE"));
  expect(await screen.findByText("Nightly deleted")).toBeTruthy();
  expect(seen.filter(({ path, method }) => path === "/api/schedules/h1" && method === "GET")).toHaveLength(1);
});

it("says why it is suspended and what to do", async () => {
  open({ schedule: { status: "suspended", status_reason: "Its version is not approved any more.", next: [] } });
  await heading();
  expect(screen.getByText(/^It is suspended and begins nothing\. Its version is not approved any more\./)).toBeTruthy();
  expect(screen.getByText(/edit and save it: from then on it works in your name/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Resume" })).toBeTruthy();
});

it("leads to the version that is approved now", async () => {
  open({ schedule: { script_approved_version: 3 } });
  const link = await screen.findByRole("link", { name: "Use version 3" });
  expect(link.getAttribute("href")).toBe("/schedules/h1/edit?version=3");
  expect(fact("Script")).toBe("Disk space (version 2) Newer version approved");
});

it("says why nothing can be changed without the permission", async () => {
  open({ may: ["schedules.view"], schedule: { script_approved_version: 3 } });
  await heading();
  for (const name of ["Pause", "Edit", "Delete…", "Use version 3"]) {
    expect(screen.getByRole("button", { name }).getAttribute("aria-disabled")).toBe("true");
  }
  expect(screen.getAllByRole("tab").map(({ textContent }) => textContent)).toEqual(["Overview"]);
});

it("says that machines set it off", async () => {
  open({ schedule: { trigger: { kind: "enrolment" }, sentence: "When a machine enrols", next: [], next_at: null } });
  expect(await screen.findByText("Machines set it off, not the clock.")).toBeTruthy();
});

it("lists its runs, and what was done to it", async () => {
  const { seen } = open({ address: "/schedules/h1?tab=runs" });
  const row = await screen.findByRole("row", { name: /Script: Disk space/ });
  expect(row.textContent).toContain("3 / 3");
  expect(seen.find(({ path }) => path === "/api/command-runs")?.search.get("schedule_id")).toBe("h1");
  await userEvent.click(screen.getByRole("tab", { name: "Audit" }));
  expect(await screen.findByText("Nothing was done to this schedule yet")).toBeTruthy();
  expect(seen.find(({ path }) => path === "/api/audit-events")?.search.get("target_id")).toBe("h1");
});

it("says that it is not there", async () => {
  open({ answer: () => ({ status: 404, body: { code: "schedule_not_found", detail: "" } }) });
  expect(await screen.findByText("This schedule is not here")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Back to the list" }).getAttribute("href")).toBe("/schedules");
});
