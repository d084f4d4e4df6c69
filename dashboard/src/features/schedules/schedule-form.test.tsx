import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import type { ScheduleDetails, Script } from "@/api/types";
import { agentOf } from "@/test/agent";
import { fakeServer, type Seen } from "@/test/fake-server";
import { grantOf, signIn } from "@/test/me";
import { openPage } from "@/test/open-page";
import { scheduleDetailsOf } from "@/test/schedule";
import { parameterOf, scriptOf, scriptVersionOf } from "@/test/script";
import { EditSchedulePage } from "./edit-schedule-page";
import { NewSchedulePage } from "./new-schedule-page";
import { editScheduleSearch, newScheduleSearch } from "./search";

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
  Element.prototype.scrollIntoView = () => {};
});
afterEach(() => queryClient.clear());

type Reply = { status?: number; body?: unknown };

interface World {
  script?: Partial<Script>;
  schedule?: Partial<ScheduleDetails>;
  may?: Permission[];
  answer?: (seen: Seen) => Reply | undefined;
}

const PREVIEW = {
  sentence: "At 03:00 every day",
  next: [{ at: "2026-01-03T02:00:00Z", time_zone: "Europe/Berlin", local: "2026-01-03 03:00" }],
  reach: { count: 30, offline: 2, refused: {}, needs_approval: true, approval_threshold: 25 },
};

function world({ script, schedule, may = ["schedules.edit"], answer }: World) {
  signIn([grantOf(may)]);
  const known = scriptOf({ newest_version: 3, approved_version: 2, ...script });
  return fakeServer((asked) => {
    const { method, path, search } = asked;
    const own = answer?.(asked);
    if (own) return own;
    if (path === "/api/schedules/preview") return { body: PREVIEW };
    if (path.startsWith("/api/schedules")) return { body: scheduleDetailsOf(method === "GET" ? schedule : {}) };
    if (path === "/api/scripts/s1") return { body: known };
    if (path === "/api/scripts/s1/versions") {
      const number = Number(search.get("number"));
      const parameters = [parameterOf({ name: "folder", label: "Folder", required: true })];
      return { body: { items: [scriptVersionOf({ number, parameters })] } };
    }
    if (path === "/api/scripts") return { body: { items: [known], next: null } };
    if (path === "/api/agents") return { body: { items: [agentOf({})], next: null, count: 1 } };
    if (path.startsWith("/api/agents/"))
      return { body: agentOf({ id: path.slice(12), hostname: `web-${path.slice(12)}` }) };
    return { body: { items: [], next: null } };
  });
}

function openNew(given: World = {}, address = "/schedules/new?script_id=s1") {
  const seen = world(given);
  openPage({ path: "/schedules/new", component: NewSchedulePage, validateSearch: newScheduleSearch }, address);
  return seen;
}

function openEdit(given: World = {}, address = "/schedules/h1/edit") {
  const seen = world(given);
  openPage({ path: "/schedules/$id/edit", component: EditSchedulePage, validateSearch: editScheduleSearch }, address);
  return seen;
}

const saved = (seen: Seen[]) =>
  seen.find(({ method, path }) => method !== "GET" && !path.endsWith("/preview"))?.body as Record<string, unknown>;
const previews = (seen: Seen[]) =>
  seen.filter(({ path }) => path.endsWith("/preview")).map(({ body }) => body as Record<string, unknown>);
const save = () => screen.getByRole("button", { name: "Save schedule" });
const select = (name: string, option: string) =>
  userEvent.selectOptions(screen.getByRole("combobox", { name }), option);

it("makes a schedule of the approved version, with what it asks for", async () => {
  const seen = openNew();
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await userEvent.type(screen.getByLabelText("Name"), " Nightly ");
  await userEvent.click(save());
  await waitFor(() =>
    expect(saved(seen)).toEqual({
      name: "Nightly",
      trigger: { kind: "cron", timing: "0 3 * * *", time_zone: null, missed: "skip", missed_within_minutes: 720 },
      targets: { filter: {} },
      script_id: "s1",
      script_version: 2,
      parameters: { folder: "/var" },
      pace: { mode: "parallel" },
      expires_in_seconds: 86_400,
    }),
  );
  expect(await screen.findByText("Nightly saved")).toBeTruthy();
});

it("shows what it would do, and that each run waits for a second person", async () => {
  const seen = openNew();
  expect(await screen.findByText("At 03:00 every day")).toBeTruthy();
  expect(screen.getByRole("list", { name: "Next times" }).textContent).toContain("Sat 2026-01-03 03:00Europe/Berlin");
  expect(screen.getByText(/30 machines are told/)).toBeTruthy();
  expect(screen.getByText(/^More than 25 machines: each run waits for a second person, unless/)).toBeTruthy();
  // a script that lacks something is not asked about
  expect(previews(seen).at(-1)).not.toHaveProperty("script_id");
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await waitFor(() => expect(previews(seen).at(-1)).toMatchObject({ script_id: "s1", parameters: { folder: "/var" } }));
});

it("builds a timing, and makes it a text and back", async () => {
  const seen = openNew();
  await screen.findByLabelText("Folder (required)");
  await select("How often", "On one weekday of the month");
  await select("Which of the month", "Last");
  await select("Weekday", "Friday");
  await select("Runs on", "The day after");
  fireEvent.change(screen.getByLabelText("At"), { target: { value: "22:30" } });
  await waitFor(() => expect(previews(seen).at(-1)).toMatchObject({ trigger: { timing: "nth last fri 22:30 +1" } }));
  await select("How often", "Advanced: as a text");
  expect((screen.getByLabelText("Timing") as HTMLInputElement).value).toBe("nth last fri 22:30 +1");
  await userEvent.clear(screen.getByLabelText("Timing"));
  await userEvent.type(screen.getByLabelText("Timing"), "15 4 * * mon,tue");
  await select("How often", "On certain weekdays");
  expect(screen.getByRole("checkbox", { name: "Tuesday" }).getAttribute("aria-checked")).toBe("true");
  expect(screen.getByRole("checkbox", { name: "Friday" }).getAttribute("aria-checked")).toBe("false");
  expect((screen.getByLabelText("At") as HTMLInputElement).value).toBe("04:15");
});

it("puts what the server says of a field beside it, before and after saving", async () => {
  const errors = [{ field: "trigger.timing", message: "There is no such timing." }];
  const wrong = { status: 422, body: { code: "validation_failed", detail: "Wrong.", errors } };
  const seen = openNew({ answer: ({ method }) => (method === "POST" ? wrong : undefined) });
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await select("How often", "Advanced: as a text");
  await waitFor(() =>
    expect(screen.getByRole("textbox", { name: "Timing", description: /There is no such timing/ })).toBeTruthy(),
  );
  await userEvent.type(screen.getByLabelText("Name"), "Nightly");
  await userEvent.click(save());
  await waitFor(() => expect(saved(seen)).toBeTruthy());
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Timing")));
});

it("asks for what is missing on both halves", async () => {
  const seen = openNew();
  await screen.findByLabelText("Folder (required)");
  await userEvent.click(save());
  expect(await screen.findByText("Write the name of the schedule.")).toBeTruthy();
  expect(screen.getByText("Give a value.")).toBeTruthy();
  expect(document.activeElement).toBe(screen.getByLabelText("Name"));
  expect(saved(seen)).toBeUndefined();
});

it("is set off by machines, in a time zone, and made up for", async () => {
  const seen = openNew();
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await userEvent.type(screen.getByLabelText("Name"), "Morning");
  await select("If the server was not running then", "Make up for it once");
  const within_ = screen.getByLabelText("At most so much later");
  await userEvent.clear(within_);
  await userEvent.type(within_, "31");
  await select("Unit", "days");
  await userEvent.click(save());
  expect(await screen.findByText("Between a minute and 30 days.")).toBeTruthy();
  await userEvent.click(screen.getByRole("combobox", { name: "Time zone" }));
  await userEvent.keyboard("berlin");
  await userEvent.click(await screen.findByRole("option", { name: /Europe\/Berlin/ }));
  await select("Unit", "minutes");
  await waitFor(() =>
    expect(previews(seen).at(-1)).toMatchObject({
      trigger: { time_zone: "Europe/Berlin", missed: "once", missed_within_minutes: 31 },
    }),
  );
  await userEvent.click(screen.getByRole("radio", { name: /^First contact/ }));
  fireEvent.change(screen.getByLabelText("Not before"), { target: { value: "07:00" } });
  await userEvent.click(save());
  await waitFor(() => expect(saved(seen)?.trigger).toEqual({ kind: "first_contact", not_before: "07:00" }));
});

it("takes machines that match, or some by name", async () => {
  const seen = openNew();
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await userEvent.click(screen.getByRole("radio", { name: /^Those that match/ }));
  await select("System", "Linux");
  await userEvent.type(screen.getByLabelText("Tags"), "web{Enter}");
  await waitFor(() =>
    expect(previews(seen).at(-1)).toMatchObject({ targets: { filter: { os: "linux", tag: "web" } } }),
  );
  await userEvent.click(screen.getByRole("radio", { name: /^By name/ }));
  expect(save().getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(await screen.findByRole("checkbox", { name: /web-1/ }));
  expect(screen.queryByRole("checkbox", { name: /^All/ })).toBeNull();
  await userEvent.type(screen.getByLabelText("Name"), "Some");
  await userEvent.click(save());
  await waitFor(() => expect(saved(seen)?.targets).toEqual({ ids: ["a1"] }));
});

it("begins where one is looking", async () => {
  const seen = openNew({}, "/schedules/new?script_id=s1&client_id=c1");
  await waitFor(() => expect(previews(seen).at(-1)?.client_id).toBe("c1"));
  expect(screen.getByText("It works at once, in your name, with what you may do each time.")).toBeTruthy();
});

it("lets nobody save a version that is not approved without being allowed any command", async () => {
  openNew();
  await screen.findByLabelText("Folder (required)");
  await select("Version", "Version 3, the newest, not approved");
  await waitFor(() => expect(screen.getByText(/^Version 3 runs each time/)).toBeTruthy());
  await userEvent.click(save());
  expect((await screen.findAllByText(/^This version is not approved\. Your account lacks/)).length).toBeGreaterThan(0);
});

it("asks for a script first", async () => {
  openNew({}, "/schedules/new");
  expect((await screen.findByRole("combobox", { name: "Script" })).textContent).toContain("Choose a script");
  await userEvent.click(save());
  expect((await screen.findAllByText("Choose a script first.")).length).toBeGreaterThan(0);
});

it("changes what a schedule says, on top of what was read, and says that an agreement ends", async () => {
  const seen = openEdit({
    schedule: {
      machines_max: 40,
      approved_by_name: "Dana",
      parameters: { folder: "/srv" },
      targets: { ids: ["a7", "a8"] },
    },
  });
  expect((await screen.findByLabelText<HTMLInputElement>("Folder (required)")).value).toBe("/srv");
  expect(screen.getByText(/^Dana agreed to runs on up to 40 machines\. Saving ends that/)).toBeTruthy();
  expect(screen.getByText(/^It works in the name of Technician Two now, and in yours from then on/)).toBeTruthy();
  expect(screen.getByText("2 machines: web-a7, web-a8")).toBeTruthy();
  await userEvent.type(screen.getByLabelText("Name"), " 2");
  await userEvent.click(save());
  await waitFor(() =>
    expect(saved(seen)).toMatchObject({
      name: "Nightly 2",
      based_on: "d1",
      script_version: 2,
      targets: { ids: ["a7", "a8"] },
      parameters: { folder: "/srv" },
    }),
  );
});

it("begins with the version that it is to run, and keeps what was given", async () => {
  const seen = openEdit(
    { script: { approved_version: 3 }, schedule: { parameters: { folder: "/srv" } } },
    "/schedules/h1/edit?version=3",
  );
  expect((await screen.findByLabelText<HTMLInputElement>("Folder (required)")).value).toBe("/srv");
  const options = within(screen.getByRole("combobox", { name: "Version" })).getAllByRole("option");
  expect(options.map(({ textContent }) => textContent)).toEqual([
    "Version 3, approved",
    "Version 2, in use, not approved",
  ]);
  await userEvent.click(save());
  await waitFor(() => expect(saved(seen)).toMatchObject({ script_version: 3, parameters: { folder: "/srv" } }));
});

it("says that somebody else has changed it meanwhile", async () => {
  openEdit({
    schedule: { parameters: { folder: "/srv" } },
    answer: ({ method }) =>
      method === "PUT" ? { status: 409, body: { code: "schedule_changed", detail: "" } } : undefined,
  });
  await screen.findByLabelText("Folder (required)");
  await userEvent.click(save());
  expect((await screen.findByRole("alert")).textContent).toContain("The schedule has changed.");
});

it("asks before what is written is lost", async () => {
  openNew();
  await userEvent.type(await screen.findByLabelText("Name"), "Nightly");
  await userEvent.click(screen.getByRole("link", { name: "Cancel" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Leave without saving?" });
  await userEvent.click(within(dialog).getByRole("button", { name: "Keep" }));
  expect((screen.getByLabelText("Name") as HTMLInputElement).value).toBe("Nightly");
});

it("leaves without a word what was not touched", async () => {
  openNew();
  await screen.findByLabelText("Folder (required)");
  await userEvent.click(screen.getByRole("link", { name: "Cancel" }));
  await waitFor(() => expect(screen.queryByLabelText("Name")).toBeNull());
  expect(screen.queryByRole("alertdialog")).toBeNull();
});
